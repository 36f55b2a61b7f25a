import { expect } from 'chai';
import { RevocationList, type RevokeTarget, SessionNotFound, type SessionStorage } from '../../../src/index.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf, openingsOf } from '../../support/outcomes.js';
import { bench, callUntyped, issuedBy, revokingBench } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;
const SKEW = 1000; // by default

function signedIn(storage: SessionStorage, uid = 'u1'): string {
  return storage.create().setUser(uid).forClient();
}

const HOUR = 3_600_000;

describe('SessionStorage.revoke: one session', () => {
  const targets: readonly [string, (storage: SessionStorage, sid: string) => RevokeTarget][] = [
    ['{ sid }', (_, sid) => ({ sid })],
    ['a session', (storage, sid) => storage.get(sid)],
    ['a reference', (storage, sid) => ({ id: storage.get(sid).id, lineage: storage.get(sid).lineage })],
    ['{ id, uid }', (storage, sid) => ({ id: storage.get(sid).id, uid: 'u1' })],
  ];
  for (const [what, target] of targets) {
    it(`ends it, named by ${what}, and no other of the user's`, async () => {
      const { storage } = revokingBench();
      const [sid, other] = [signedIn(storage), signedIn(storage)];
      const result = await storage.revoke(target(storage, sid));
      // Of an id alone it is not known whether it bears a session.
      const count = what === '{ id, uid }' ? {} : { ended: 1 };
      expect(result).to.deep.equal({ ...count, guarantee: 'process' });
      expect(openingsOf(storage, sid, other)).to.deep.equal(['revoked', 'opened']);
    });

    it(`ends what a refresh in flight made of it, named by ${what}`, async () => {
      const { clock, storage } = revokingBench();
      const sid = signedIn(storage);
      const refreshing = storage.get(sid);
      const named = target(storage, sid);
      clock.advance(DAY);
      await storage.revoke(named);
      expect(openingOf(storage, refreshing.save().forClient())).to.equal('revoked');
    });
  }

  it('ends all tokens of its lineage, named by any of them', async () => {
    const { storage } = revokingBench();
    const first = signedIn(storage);
    const second = await issuedBy(storage.commit(storage.get(first).rotate()));
    await storage.revoke({ sid: first });
    expect(openingsOf(storage, first, second)).to.deep.equal(['revoked', 'revoked']);
  });

  it('ends the rotated token that a reference names by id and lineage', async () => {
    const { storage } = revokingBench();
    const sid = await issuedBy(storage.commit(storage.get(signedIn(storage)).rotate()));
    const { id, lineage } = storage.get(sid);
    expect(id).not.to.equal(lineage);
    await storage.revoke({ id, lineage });
    expect(openingOf(storage, sid)).to.equal('revoked');
  });

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

  it('ends nothing for a sid that opens nothing, and tells nothing', async () => {
    const { storage } = revokingBench();
    const events = eventsBesidesLoaded(storage);
    for (const sid of ['', 'x', 'a.b.c', signedIn(bench({ jwtSecret: 'k'.repeat(64) }).storage)]) {
      expect(await storage.revoke({ sid })).to.deep.equal({ ended: 0, guarantee: 'process' });
    }
    expect(events).to.deep.equal([]);
  });

  it('makes the session object itself refuse writes', async () => {
    const { storage } = revokingBench();
    const session = storage.get(signedIn(storage));
    await storage.revoke(session, { reason: 'locked' });
    expect(session.isEnded).to.equal(true);
    expect(() => session.save()).to.throw('locked');
  });

  it('tells ended with the facts and the reason, revoked by default', async () => {
    const { storage } = revokingBench();
    const events = eventsBesidesLoaded(storage);
    const session = storage.get(signedIn(storage));
    const { id, lineage, uid } = session;
    await storage.revoke(session);
    await storage.revoke({ id, lineage }, { reason: 'locked' });
    expect(events).to.deep.equal([
      ['ended', { id, lineage, uid, reason: 'revoked' }],
      ['ended', { id, lineage, reason: 'locked' }],
    ]);
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

  it('says withinGrace shortly after, and not later', async () => {
    const { clock, storage } = revokingBench();
    const sid = signedIn(storage);
    await storage.revoke({ sid });
    clock.advance(9999);
    expect(errorOf(() => storage.get(sid), SessionNotFound)).to.include({ reason: 'revoked', withinGrace: true });
    clock.advance(1);
    expect(errorOf(() => storage.get(sid), SessionNotFound)).to.include({ reason: 'revoked', withinGrace: false });
  });
});

describe('SessionStorage.revoke: a user', () => {
  it('ends all sessions of the user, and of no one else (row 13)', async () => {
    const { storage } = revokingBench();
    const sids = [signedIn(storage), signedIn(storage), signedIn(storage, 'u2'), storage.create().forClient()];
    expect(await storage.revoke({ uid: 'u1' })).to.deep.equal({ guarantee: 'process' });
    expect(openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'opened', 'opened']);
  });

  it('knows users by their whole id', async () => {
    const { storage } = revokingBench();
    const uids = ['u1', 'u1 ', 'U1', 'u', `${'u'.repeat(254)}1`, '__proto__', 'constructor'];
    const sids = uids.map((uid) => signedIn(storage, uid));
    for (const uid of ['u1', '__proto__']) await storage.revoke({ uid });
    const expected = uids.map((uid) => (uid === 'u1' || uid === '__proto__' ? 'revoked' : 'opened'));
    expect(openingsOf(storage, ...sids)).to.deep.equal(expected);
  });

  it('lets a session that got its user in the same millisecond, but later, live (row 16)', async () => {
    const { storage } = revokingBench();
    const before = signedIn(storage);
    await storage.revoke({ uid: 'u1' });
    const after = signedIn(storage);
    expect(openingsOf(storage, before, after)).to.deep.equal(['revoked', 'opened']);
    await storage.revoke({ uid: 'u1' });
    expect(openingsOf(storage, after, signedIn(storage))).to.deep.equal(['revoked', 'opened']);
  });

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

  it('ends a session however often it was re-issued or rotated since its user signed in', async () => {
    const { clock, storage } = revokingBench();
    let sid = signedIn(storage);
    clock.advance(DAY);
    sid = await issuedBy(storage.commit(storage.get(sid).rotate()));
    await storage.revoke({ uid: 'u1' });
    expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('leaves out the session that except names, and its later tokens (row 13)', async () => {
    const { clock, storage } = revokingBench();
    const [mine, other] = [signedIn(storage), signedIn(storage)];
    await storage.revoke({ uid: 'u1', except: storage.get(mine) });
    expect(openingsOf(storage, mine, other)).to.deep.equal(['opened', 'revoked']);
    clock.advance(DAY);
    const later = await issuedBy(storage.commit(storage.get(mine).rotate()));
    expect(openingOf(storage, later)).to.equal('opened');
  });

  it('ends with a second revocation what the first left out', async () => {
    const { storage } = revokingBench();
    const [a, b, c] = [signedIn(storage), signedIn(storage), signedIn(storage)];
    await storage.revoke({ uid: 'u1', except: storage.get(a) });
    await storage.revoke({ uid: 'u1', except: { id: 'x', lineage: 'x' } });
    expect(openingsOf(storage, a, b, c)).to.deep.equal(['revoked', 'revoked', 'revoked']);
  });

  it('does not touch a session that has since changed to another user', async () => {
    const { storage } = revokingBench();
    const moved = await issuedBy(storage.commit(storage.get(signedIn(storage)).setUser('u2')));
    await storage.revoke({ uid: 'u1' });
    expect(openingOf(storage, moved)).to.equal('opened');
  });

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

describe('SessionStorage.revoke: everyone', () => {
  it('ends all sessions there are, signed in or not, and none that begin later', async () => {
    const { storage } = revokingBench();
    const sids = [signedIn(storage), signedIn(storage, 'u2'), storage.create().forClient()];
    expect(await storage.revoke('everyone')).to.deep.equal({ guarantee: 'process' });
    expect(openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'revoked']);
    expect(openingsOf(storage, signedIn(storage), storage.create().forClient())).to.deep.equal(['opened', 'opened']);
  });

  it('tells ended with nothing but the reason', async () => {
    const { storage } = revokingBench();
    const events = eventsBesidesLoaded(storage);
    await storage.revoke('everyone', { reason: 'breach' });
    await storage.revoke({ uid: 'u1' }, { reason: 'locked' });
    expect(events).to.deep.equal([
      ['ended', { reason: 'breach' }],
      ['ended', { uid: 'u1', reason: 'locked' }],
    ]);
  });
});

describe('SessionStorage.revoke: uids', () => {
  it('takes numbers and bigints, as setUser does', async () => {
    for (const uid of [5, 5n]) {
      const { storage } = revokingBench();
      const sid = storage.create().setUser(5).forClient();
      await storage.revoke({ uid });
      expect(openingOf(storage, sid)).to.equal('revoked');
    }
  });
});

describe('SessionStorage.revoke: what it refuses', () => {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    '',
    'all',
    5,
    [],
    {},
    { sid: 5 },
    { id: 5, lineage: 'x' },
    { id: 'x', lineage: 5 },
    { uid: '' },
    { uid: 5.5 },
    { uid: null },
    { uid: 'a\0' },
    { uid: 'u1', except: 'x' },
    { uid: 'u1', except: null },
    { uid: 'u1', except: {} },
  ];
  it('rejects a target that names nothing with a TypeError, and ends nothing', async () => {
    const { storage } = revokingBench();
    const sid = signedIn(storage);
    for (const target of wrong) {
      const error = await errorOf(() => callUntyped(storage, 'revoke', target));
      expect(error, JSON.stringify(target)).to.be.instanceOf(TypeError);
    }
    expect(openingOf(storage, sid)).to.equal('opened');
  });

  it('rejects without revocations with a TypeError that names the option', async () => {
    const { storage } = bench();
    const error = await errorOf(() => storage.revoke('everyone'));
    expect(error)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .that.includes('revocations: new RevocationList()');
  });

  it('rejects a wait that the log cannot give, or that is none, and ends nothing', async () => {
    const { storage } = revokingBench();
    const sid = signedIn(storage);
    for (const wait of ['log', 'instances', 'bogus', '', 5]) {
      const error = await errorOf(() => callUntyped(storage, 'revoke', { sid }, { wait }));
      expect(error, String(wait)).to.be.instanceOf(TypeError).with.property('message').that.includes('wait');
    }
    expect(openingOf(storage, sid)).to.equal('opened');
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

describe('SessionStorage.delete', () => {
  it('ends the session of a sid, and a session', async () => {
    const { storage } = revokingBench();
    const [a, b] = [signedIn(storage), signedIn(storage)];
    expect(await storage.delete(a)).to.equal(undefined);
    await storage.delete(storage.get(b));
    expect(openingsOf(storage, a, b)).to.deep.equal(['revoked', 'revoked']);
  });

  it('minds no sid that opens nothing', async () => {
    await revokingBench().storage.delete('x.y.z');
  });
});

describe('SessionStorage.check', () => {
  it('says until when a session lives, or that it is live for all that is known', () => {
    const { storage } = revokingBench();
    const session = storage.create();
    expect(storage.check(session)).to.deep.equal({ expires: NOW + 7 * DAY });
    expect(storage.check({ id: session.id, lineage: session.lineage })).to.equal('live');
    expect(bench({ timeToLive: 0 }).storage.check(session)).to.deep.equal({ expires: NOW + 7 * DAY });
  });

  it('says ended once it expired, was revoked, or revoked itself', async () => {
    const { clock, storage } = revokingBench();
    const [expired, revoked, own] = [storage.create(), storage.create(), storage.create()];
    await storage.revoke({ id: revoked.id, lineage: revoked.lineage });
    expect([storage.check(revoked), storage.check(own.revoke())]).to.deep.equal(['ended', 'ended']);
    clock.advance(7 * DAY);
    expect(storage.check(expired)).to.equal('ended');
  });

  it('says ended for a reference to a revoked lineage, and for a session of a revoked user', async () => {
    const { storage } = revokingBench();
    const session = storage.create().setUser('u1');
    await storage.revoke({ uid: 'u1' });
    expect(storage.check(session)).to.equal('ended');
    expect(storage.check({ id: session.id, lineage: session.lineage })).to.equal('live');
  });

  it('says ended for a rotated-out id only when its grace is over', async () => {
    const { clock, storage } = revokingBench();
    const session = storage.get(signedIn(storage));
    const { id, lineage } = session;
    await storage.commit(session.rotate());
    expect(storage.check({ id, lineage })).to.equal('live');
    clock.advance(10_000);
    expect(storage.check({ id, lineage })).to.equal('ended');
    expect(storage.check(session)).to.deep.equal({ expires: NOW + 7 * DAY });
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

describe("SessionStorage.revoke('everyone')", () => {
  it('ends what signed in within the millisecond after a revocation of one user, too', async () => {
    const { storage } = revokingBench();
    await storage.revoke({ uid: 'u1' });
    const sid = storage.create().setUser('u1').forClient();
    await storage.revoke('everyone');
    expect(openingOf(storage, sid)).to.equal('revoked');
  });
});

describe('A revoked session', () => {
  it('stays ended when the clock steps back', async () => {
    const { clock, storage } = revokingBench();
    const sid = signedIn(storage);
    clock.advance(HOUR);
    await storage.revoke({ sid });
    clock.set(clock.now() - HOUR / 2);
    expect(openingOf(storage, sid)).to.equal('revoked');
  });
});
