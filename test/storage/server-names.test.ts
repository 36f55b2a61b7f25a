import { expect } from 'chai';
import { MemoryStore, RevocationList, SessionEnded } from '../../src/index.js';
import { FaultyStore } from '../../src/testing/index.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { failureOf, issuedBy } from '../support/sessions.js';

const HOUR = 3_600_000;

/** A session of u1 that was rotated so long ago that nothing in the store leads from its first id to its present one. */
async function rotatedLongAgo(revocations?: RevocationList) {
  const bench = serverBench({ revocations });
  const { storage, clock } = bench;
  const first = await storage.get(await heldSid(storage, {}, 'u1'));
  const [entry] = await storage.listOfUser('u1');
  if (entry === undefined) throw new Error('no entry');
  const { id, lineage } = first;
  const sid = await issuedBy(storage.commit(first.rotate()));
  clock.time += HOUR;
  return { ...bench, sid, entry, names: { id, lineage } };
}

describe('A session whose first id is forgotten', () => {
  it('is found by an entry of a list that was made before', async () => {
    const { storage, entry } = await rotatedLongAgo();
    expect(await storage.check(entry)).to.have.property('expires');
    expect(await storage.update(entry, (data) => void Object.assign(data, { seen: true }))).to.include({ uid: 'u1' });
    expect(await storage.revoke(entry)).to.include({ ended: 1 });
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('is not found by names that do not say whose it is', async () => {
    const { storage, names, sid } = await rotatedLongAgo();
    expect(await storage.check(names)).to.equal('ended');
    expect(await storage.revoke(names)).to.include({ ended: 0 });
    expect((await storage.get(sid)).uid).to.equal('u1');
  });

  it('ends by such names too, where there is a revocation list', async () => {
    const { storage, names, sid } = await rotatedLongAgo(new RevocationList());
    await storage.revoke(names);
    expect(await failureOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
  });
});

describe('A session with a new id that is not stored yet', () => {
  it('is the same for check, update and revoke', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    session.rotate();
    expect(await storage.check(session)).to.have.property('expires');
    expect(await storage.update(session, (data) => void Object.assign(data, { n: 1 }))).to.include({ uid: 'u1' });
    expect(await storage.revoke(session)).to.include({ ended: 1 });
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });
});

describe('Ending a session while it is being saved', () => {
  for (const end of ['destroy', 'revoke'] as const) {
    it(`leaves nothing behind, by ${end}`, async () => {
      const store = new FaultyStore(new MemoryStore());
      const { storage } = serverBench({ store });
      const session = storage.blank();
      session.setUser('u1');
      const gate = store.hold('create');
      const saved = session.save();
      const ended = end === 'destroy' ? session.destroy() : storage.commit(session.revoke());
      gate.release();
      await Promise.all([saved, ended]);
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    });
  }
});

describe('A session of another storage', () => {
  it('is a name like any other to revoke, which does not end the object', async () => {
    const [one, other] = [serverBench(), serverBench()];
    const session = await one.storage.create();
    expect(await other.storage.revoke(session)).to.include({ ended: 0 });
    expect(session.isEnded).to.equal(false);
  });
});

describe('A session that ended through the revocation list', () => {
  it('says so when it is saved, and is ended', async () => {
    const revocations = new RevocationList();
    const { storage, clock } = serverBench({ revocations });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const { lineage } = session;
    await revocations.add([{ at: clock.time, until: null, reason: 'revoked', match: { lineage } }], clock.time);
    const failure = await failureOf(() => session.save());
    expect(failure).to.be.instanceOf(SessionEnded).with.property('message').that.includes('(revoked)');
    expect(session.isEnded).to.equal(true);
  });
});

describe('session.update', () => {
  it('gives its change the data alone', async () => {
    const { storage } = serverBench();
    const session = await storage.create({ a: 1 });
    const given: unknown[][] = [];
    await session.update((...args: unknown[]) => void given.push(args));
    expect(given).to.deep.equal([[{ a: 1 }]]);
  });
});
