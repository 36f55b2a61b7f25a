import { expect } from 'chai';
import { RevocationList, type SessionStorage } from '../../../src/index.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf, openingsOf } from '../../support/outcomes.js';
import { bench, issuedBy, revokingBench } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;
const SKEW = 1000; // by default

function signedIn(storage: SessionStorage, uid = 'u1'): string {
  return storage.create().setUser(uid).forClient();
}

describe('SessionStorage.revoke: one session', () => {
  it('takes effect in this process at once, before the promise resolves', () => {
    const { storage } = revokingBench();
    const sid = signedIn(storage);
    const pending = storage.revoke({ sid });
    expect(openingOf(storage, sid)).to.equal('revoked');
    return pending;
  });

  it('holds for a token that is remembered', async () => {
    const { storage } = revokingBench();
    const sid = signedIn(storage);
    for (let i = 0; i < 4; i += 1) storage.get(sid);
    await storage.revoke({ sid });
    expect(openingOf(storage, sid)).to.equal('revoked');
    expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('holds as long as any token of it could live, set longer or not (row 15)', async () => {
    const { clock, storage } = revokingBench();
    const plain = signedIn(storage);
    const longer = storage
      .create()
      .setUser('u1')
      .setLifetime({ idleTimeout: 400 * DAY })
      .forClient();
    await storage.revoke({ sid: plain });
    await storage.revoke({ sid: longer });
    clock.advance(7 * DAY - 1);
    expect(openingsOf(storage, plain, longer)).to.deep.equal(['revoked', 'revoked']);
    clock.set(NOW + 400 * DAY - 1);
    expect(openingOf(storage, longer)).to.equal('revoked');
  });
});

describe('SessionStorage.revoke: a session with a life of its own', () => {
  it('holds as long as a token that is issued at the same moment, although the given one ends earlier', async () => {
    const { clock, storage } = revokingBench({ timeToLive: 7 * DAY });
    const sid = storage
      .create()
      .setUser('u1')
      .setLifetime({ idleTimeout: 30 * DAY })
      .forClient();
    clock.advance(20 * DAY);
    const newer = await issuedBy(storage.commit(storage.get(sid)));
    await storage.revoke({ sid });
    clock.advance(30 * DAY - 1);
    expect(openingOf(storage, newer)).to.equal('revoked');
  });
});

describe('SessionStorage.revoke: the reason', () => {
  it('is in the log with its first 255 characters, for it may be text of a user', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    await revocations.ready();
    const { storage } = bench({ revocations });
    for (const target of [{ sid: signedIn(storage) }, { uid: 'u1' }, 'everyone'] as const) {
      await storage.revoke(target, { reason: 'x'.repeat(100_000) });
    }
    expect(log.entries.map(({ reason }) => reason)).to.deep.equal(Array(3).fill('x'.repeat(255)));
    await revocations.close();
  });
});

describe('SessionStorage.revoke: a user', () => {
  it('ends sessions begun on a machine whose clock is ahead by the skew, and not by more', async () => {
    const { clock, storage } = revokingBench();
    const ahead = bench({ clockSkew: SKEW });
    ahead.clock.set(NOW + SKEW);
    const within = signedIn(ahead.storage);
    ahead.clock.advance(1);
    const beyond = signedIn(ahead.storage);
    await storage.revoke({ uid: 'u1' });
    clock.advance(5000);
    expect(openingsOf(storage, within, beyond)).to.deep.equal(['revoked', 'opened']);
  });

  for (const target of [{ uid: 'u1' }, 'everyone'] as const) {
    it(`ends sessions that signed in after an earlier call, in the same millisecond (${JSON.stringify(target)})`, async () => {
      const { storage } = revokingBench();
      for (let call = 0; call < 3; call += 1) {
        const sid = signedIn(storage);
        expect(openingOf(storage, sid)).to.equal('opened');
        await storage.revoke(target);
        expect(openingOf(storage, sid)).to.equal('revoked');
      }
    });
  }

  it('holds for as long as any session could live', async () => {
    const { clock, storage } = revokingBench();
    const longest = storage
      .create()
      .setUser('u1')
      .setLifetime({ idleTimeout: 400 * DAY })
      .forClient();
    await storage.revoke({ uid: 'u1' });
    clock.advance(400 * DAY - 1);
    await storage.revoke({ uid: 'u2' });
    expect(openingOf(storage, longest)).to.equal('revoked');
  });
});

describe('SessionStorage.revoke: what it refuses', () => {
  it('rejects without revocations with a TypeError that names the option', async () => {
    const { storage } = bench();
    const error = await errorOf(() => storage.revoke('everyone'));
    expect(error)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .that.includes('revocations: new RevocationList()');
  });
});

describe('SessionStorage.revoke: wait', () => {
  it('resolves when the log has it, and says how far that reaches', async () => {
    const log = new FaultyLog({ guarantee: 'log' });
    const revocations = new RevocationList({ log });
    await revocations.ready();
    const { storage } = bench({ revocations });
    expect(await storage.revoke({ uid: 'u1' })).to.deep.equal({ guarantee: 'log' });
    expect(await storage.revoke({ uid: 'u1' }, { wait: 'log' })).to.deep.equal({ guarantee: 'log' });
    expect(log.entries).to.have.lengthOf(2);
    await revocations.close();
  });

  it('process resolves without waiting for the log', async () => {
    const revocations = new RevocationList({ log: new FaultyLog({ appending: 'stalls' }) });
    await revocations.ready();
    const { storage } = bench({ revocations });
    expect(await storage.revoke({ uid: 'u1' }, { wait: 'process' })).to.deep.equal({ guarantee: 'process' });
    await revocations.close();
  });
});

describe('SessionStorage.check', () => {
  it('goes by what a session says of itself, whatever the storage’s own bounds and the list know', () => {
    const { storage } = revokingBench();
    const session = storage.create();
    expect(bench({ timeToLive: 0 }).storage.check(session)).to.deep.equal({ expires: NOW + 7 * DAY });
    expect(storage.check(session.revoke())).to.equal('ended');
  });

  it('says live for a reference to a session of a revoked user, of which it knows no user', async () => {
    const { storage } = revokingBench();
    const session = storage.create().setUser('u1');
    await storage.revoke({ uid: 'u1' });
    expect(storage.check(session)).to.equal('ended');
    expect(storage.check({ id: session.id, lineage: session.lineage })).to.equal('live');
  });

  it('works without revocations', () => {
    const { storage } = bench();
    expect(storage.check({ id: 'x', lineage: 'x' })).to.equal('live');
  });
});

describe('SessionStorage.revoke({ id, uid })', () => {
  it('ends the token of that id after a rotation too, and counts nothing, for it cannot know', async () => {
    const { storage } = revokingBench();
    const session = storage.get(signedIn(storage)).rotate();
    const sid = await issuedBy(storage.commit(session));
    const result = await storage.revoke({ id: session.id, uid: 'u1' });
    expect(result).to.deep.equal({ guarantee: 'process' });
    expect(openingOf(storage, sid)).to.equal('revoked');
  });
});
