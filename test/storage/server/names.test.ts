import { expect } from 'chai';
import { MemoryStore, RevocationList, SessionEnded, SessionNotFound } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/index.js';
import { errorOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

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
  clock.advance(HOUR);
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
    expect(await storage.revoke(names), 'how many is not known').to.deep.equal({ guarantee: 'process' });
    expect((await storage.get(sid)).uid).to.equal('u1');
  });

  it('ends by such names too, where there is a revocation list', async () => {
    const { storage, names, sid } = await rotatedLongAgo(new RevocationList());
    await storage.revoke(names);
    expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
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
    expect(await other.storage.revoke(session)).to.not.have.property('ended');
    expect(session.isEnded).to.equal(false);
  });
});

describe('A session that ended through the revocation list', () => {
  it('says so when it is saved, and is ended', async () => {
    const revocations = new RevocationList();
    const { storage, clock } = serverBench({ revocations });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const { lineage } = session;
    await revocations.add([{ at: clock.now(), until: null, reason: 'revoked', match: { lineage } }], clock.now());
    const failure = await errorOf(() => session.save());
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

/** A session of u1 after so many rotations, long after the last; with the id that it had before each. */
async function rotatedOften(times: number) {
  const bench = serverBench();
  const { storage, clock } = bench;
  let sid = await heldSid(storage, {}, 'u1');
  const ids: string[] = [];
  for (let count = 0; count < times; count += 1) {
    const session = await storage.get(sid);
    ids.push(session.id);
    sid = await issuedBy(storage.commit(session.rotate()));
  }
  clock.advance(2 * HOUR);
  await storage.sweep();
  return { ...bench, sid, ids };
}

describe('A session named by an earlier id and its uid, when the tombstones are gone', () => {
  it('is found for as long as it lives, whichever of its ids that was', async () => {
    for (const at of [0, 1, 2]) {
      const { storage, ids } = await rotatedOften(3);
      const name = { id: ids[at] ?? '', uid: 'u1' };
      expect(await storage.update(name, (data) => void Object.assign(data, { seen: at }))).to.include({ uid: 'u1' });
      expect(await storage.revoke(name)).to.include({ ended: 1 });
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    }
  });

  it('is nobody else’s, and no session that has ended', async () => {
    const { storage, ids, sid } = await rotatedOften(2);
    const id = ids[1] ?? '';
    await heldSid(storage, {}, 'u2');
    expect(await storage.revoke({ id, uid: 'u2' })).to.include({ ended: 0 });
    await storage.revoke({ sid });
    expect(await storage.revoke({ id, uid: 'u1' })).to.include({ ended: 0 });
  });

  it('is not meant by a beginning of that id, nor by an empty one', async () => {
    const { storage, ids } = await rotatedOften(3);
    for (const id of ['', (ids[1] ?? '').slice(0, 1), (ids[1] ?? '').slice(0, 11)]) {
      expect(await storage.revoke({ id, uid: 'u1' })).to.include({ ended: 0 });
      const change = (data: object): void => void Object.assign(data, { seen: true });
      expect(await errorOf(() => storage.update({ id, uid: 'u1' }, change))).to.be.instanceOf(SessionNotFound);
    }
    expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
  });

  it('is refused, not silently missed, once the session has been rotated too often to remember that id', async () => {
    const { storage, ids, sid } = await rotatedOften(60);
    const name = { id: ids[1] ?? '', uid: 'u1' };
    expect(await errorOf(() => storage.revoke(name)))
      .to.be.instanceOf(SessionNotFound)
      .and.include({ reason: 'unknown' });
    expect(await storage.revoke({ id: ids[0] ?? '', uid: 'u1' }), 'its first id is its lineage').to.include({
      ended: 1,
    });
    expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
  });

  it('does not make its record grow for ever', async () => {
    const { storage, store } = await rotatedOften(200);
    const [entry] = await storage.listOfUser('u1');
    const record = await store.load(entry?.id ?? '', 0);
    expect(JSON.stringify(record).length).to.be.below(1_200);
  });

  it('does not lead from one user to the next: a sign-in begins with no earlier ids', async () => {
    const { storage, sid, ids } = await rotatedOften(2);
    await storage.commit((await storage.get(sid)).setUser('u2'));
    expect(await storage.revoke({ id: ids[1] ?? '', uid: 'u2' })).to.include({ ended: 0 });
  });
});

describe('A replaced sid past its grace', () => {
  it('opens nothing, and still ends its session by revoke({ sid }): whoever lost a response can sign out', async () => {
    const { storage, clock } = serverBench();
    const old = await heldSid(storage, {}, 'u1');
    const renewed = await issuedBy(storage.commit((await storage.get(old)).rotate()));
    clock.advance(60_000);
    expect(await errorOf(() => storage.get(old))).to.include({ reason: 'superseded' });
    expect(await storage.revoke({ sid: old })).to.include({ ended: 1 });
    expect(await errorOf(() => storage.get(renewed))).to.include({ reason: 'revoked' });
  });

  it('ends its session after hundreds of rotations, too', async () => {
    const { storage } = serverBench();
    const old = await heldSid(storage, {}, 'u1');
    let sid = old;
    for (let count = 0; count < 250; count += 1)
      sid = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
    expect(await storage.revoke({ sid: old })).to.include({ ended: 1 });
    expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
  });

  it('ends nothing once it is forgotten', async () => {
    const { storage, clock } = serverBench();
    const old = await heldSid(storage, {}, 'u1');
    const renewed = await issuedBy(storage.commit((await storage.get(old)).rotate()));
    clock.advance(2 * HOUR);
    expect(await storage.revoke({ sid: old })).to.include({ ended: 0 });
    expect(await storage.get(renewed)).to.include({ uid: 'u1' });
  });
});
