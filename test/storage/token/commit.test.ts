import { expect } from 'chai';
import { SessionEnded, type SessionStorage, SessionTooLarge } from '../../../src/index.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { bench, claimsOf, issuedBy, revokingBench } from '../../support/sessions.js';
import { NOW, warningsDuring } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('SessionStorage.commit: unchanged', () => {
  it('for a session that nothing happened to', async () => {
    const { clock, storage } = bench();
    const sid = storage.create({ a: 1 }).forClient();
    clock.advance(599_999);
    const session = storage.get(sid);
    expect(session.sessionData).to.deep.equal({ a: 1 });
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });

  it('for a session made for a request that put nothing into it', async () => {
    const { storage } = bench();
    expect(await outcomeOf(storage.commit(storage.blank()))).to.equal('unchanged');
    const touched = storage.blank();
    touched.sessionData['a'] = 1;
    delete touched.sessionData['a'];
    expect(await outcomeOf(storage.commit(touched))).to.equal('unchanged');
  });

  it('tells no event', async () => {
    const { storage } = bench();
    const session = storage.get(storage.create().forClient());
    const events = eventsBesidesLoaded(storage);
    await storage.commit(session);
    expect(events).to.deep.equal([]);
  });
});

describe('SessionStorage.commit: issued', () => {
  it('for a new session made by create, with its sid and expiry', async () => {
    const { storage } = bench({ timeToLive: HOUR });
    const session = storage.create();
    const result = await storage.commit(session);
    expect(result).to.include({ outcome: 'issued', expires: NOW + HOUR, persistent: undefined });
    expect(storage.get(await issuedBy(result)).id).to.equal(session.id);
  });

  it('for a session made for a request once there is data, or a user, or when it is to be eager', async () => {
    const { storage } = bench();
    const withData = storage.blank();
    withData.sessionData['a'] = 1;
    expect(await outcomeOf(storage.commit(withData))).to.equal('issued');
    expect(await outcomeOf(storage.commit(storage.blank().setUser('u1')))).to.equal('issued');
    expect(await outcomeOf(storage.commit(storage.blank(), { eager: true }))).to.equal('issued');
  });

  it('when the resolution has passed, without moving lastUpdate', async () => {
    const { clock, storage } = bench();
    const sid = storage.create().forClient();
    clock.advance(600_000);
    const renewed = await issuedBy(storage.commit(storage.get(sid)));
    expect(claimsOf(renewed)).to.include({ luat: NOW + 600_000, lmat: NOW });
  });

  it('when the data changed, and lastUpdate moves', async () => {
    const { clock, storage } = bench();
    const sid = storage.create({ a: 1 }).forClient();
    clock.advance(5);
    const session = storage.get(sid);
    session.sessionData['a'] = 2;
    const renewed = await issuedBy(storage.commit(session));
    expect(claimsOf(renewed)).to.include({ luat: NOW + 5, lmat: NOW + 5 });
    expect(session.lastUpdate).to.equal(NOW + 5);
  });

  it('moves lastUpdate to the commit, not to the request’s begin', async () => {
    const { clock, storage } = bench({ timeToLive: HOUR, ttlType: 'lastUpdate' });
    const session = storage.get(storage.create().forClient());
    session.sessionData['a'] = 1;
    clock.advance(40);
    expect(await storage.commit(session)).to.have.property('expires', NOW + 40 + HOUR);
  });

  it('keeps the events of a new session apart from those of a saved one', async () => {
    const { storage } = bench();
    const events = eventsBesidesLoaded(storage);
    const plain = storage.create();
    await storage.commit(plain);
    const { id, lineage } = plain;
    expect(events.splice(0)).to.deep.equal([['created', { id, lineage, uid: undefined }]]);
    plain.sessionData['a'] = 1;
    await storage.commit(plain);
    expect(events.splice(0)).to.deep.equal([['saved', { id, lineage, uid: undefined }]]);
  });
});

describe('SessionStorage.commit: two commits of one session', () => {
  it('leave the second alone when nothing happened in between', async () => {
    const { storage } = bench();
    const session = storage.create({ a: 1 });
    session.sessionData['a'] = 2;
    await storage.commit(session);
    expect(session.isModified).to.equal(false);
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });

  it('issue what changed in between, from the same copy of the data', async () => {
    const { storage } = bench();
    const session = storage.create({ a: 1 });
    const { sessionData } = session;
    const first = await issuedBy(storage.commit(session));
    sessionData['b'] = 2;
    const second = await issuedBy(storage.commit(session));
    expect(storage.get(first).sessionData).to.deep.equal({ a: 1 });
    expect(storage.get(second).sessionData).to.deep.equal({ a: 1, b: 2 });
  });

  it('end it at the second when it was revoked in between', async () => {
    const { storage } = revokingBench();
    const session = storage.create();
    const sid = await issuedBy(storage.commit(session));
    session.revoke();
    expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('withhold everything after it has ended', async () => {
    const { storage } = revokingBench();
    const session = storage.get(storage.create().forClient()).revoke();
    await storage.commit(session);
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
  });
});

describe('SessionStorage.commit: ended', () => {
  it('at sign-out, and no copy of the token opens it any more', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const events = eventsBesidesLoaded(storage);
    const session = storage.get(sid).revoke('signed out');
    const { id, lineage } = session;
    expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    expect(openingOf(storage, sid)).to.equal('revoked');
    expect(events[0]).to.deep.equal(['ended', { id, lineage, uid: 'u1', reason: 'signed out' }]);
  });

  it('ends every token of the lineage, those that a request is being sent right now too', async () => {
    const { clock, storage } = revokingBench();
    const first = storage.create().setUser('u1').forClient();
    clock.advance(HOUR);
    const second = await issuedBy(storage.commit(storage.get(first)));
    const rotated = await issuedBy(storage.commit(storage.get(second).rotate()));
    await storage.commit(storage.get(rotated).revoke());
    for (const sid of [first, second, rotated]) expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('tells nothing for a session that no client ever held', async () => {
    const { storage } = revokingBench();
    const events = eventsBesidesLoaded(storage);
    expect(await outcomeOf(storage.commit(storage.create().revoke()))).to.equal('ended');
    expect(events).to.deep.equal([]);
  });

  it('ends what came in and what became of it, when the user changed before the sign-out', async () => {
    const { storage } = revokingBench();
    const before = storage.create().forClient();
    const session = storage.get(before).setUser('u1');
    const handed = session.forClient();
    await storage.commit(session.revoke());
    expect([openingOf(storage, before), openingOf(storage, handed)]).to.deep.equal(['revoked', 'revoked']);
  });

  it('ends it also when it was revoked elsewhere meanwhile, so that the client forgets it', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().forClient();
    const session = storage.get(sid).revoke();
    await storage.revoke({ sid });
    expect(await outcomeOf(storage.commit(session))).to.equal('ended');
  });

  it('without revocations clears the client’s copy only, and warns of that once a storage', async () => {
    const { storage } = bench();
    const sid = storage.create().forClient();
    const outcomes: string[] = [];
    const warnings = await warningsDuring(async () => {
      for (let i = 0; i < 3; i += 1) outcomes.push(await outcomeOf(storage.commit(storage.get(sid).revoke())));
      outcomes.push(await outcomeOf(storage.commit(storage.get(sid).rotate())));
    });
    expect(outcomes).to.deep.equal(['ended', 'ended', 'ended', 'issued']);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_NO_REVOCATIONS']);
    expect(warnings[0]?.message).to.include('new RevocationList()');
    expect(openingOf(storage, sid)).to.equal('opened');
  });
});

describe('SessionStorage.commit: withheld', () => {
  it('refuses a late save after a revocation, tells so, and resurrects nothing (row 10)', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const slow = storage.get(sid);
    slow.sessionData['a'] = 1;
    await storage.commit(storage.get(sid).revoke());
    const events = eventsBesidesLoaded(storage);
    expect(await outcomeOf(storage.commit(slow))).to.equal('withheld');
    const { id, lineage, uid } = slow;
    expect(events).to.deep.equal([['refused-late-save', { id, lineage, uid }]]);
    expect(openingOf(storage, slow.forClient())).to.equal('revoked');
  });

  const ends: readonly [string, (storage: SessionStorage, sid: string) => Promise<unknown>][] = [
    ['its session', async (storage, sid) => storage.revoke({ sid })],
    ['its user', async (storage) => storage.revoke({ uid: 'u1' })],
    ['everyone', async (storage) => storage.revoke('everyone')],
    ['a change of user elsewhere', async (storage, sid) => storage.commit(storage.get(sid).setUser('u2'))],
  ];
  for (const [what, end] of ends) {
    it(`when ${what} was revoked since the request began`, async () => {
      const { clock, storage } = revokingBench();
      const sid = storage.create().setUser('u1').forClient();
      clock.advance(HOUR);
      const [idle, changed] = [storage.get(sid), storage.get(sid)];
      changed.sessionData['a'] = 1;
      await end(storage, sid);
      const events = eventsBesidesLoaded(storage);
      expect(await outcomeOf(storage.commit(idle))).to.equal('withheld');
      expect(events).to.deep.equal([]);
      expect(await outcomeOf(storage.commit(changed))).to.equal('withheld');
      expect(events.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    });
  }

  it('for a session made for a request whose credentials are suspicious, whatever is put into it', async () => {
    const { storage } = bench();
    const session = storage.blank({ withheld: true }).setUser('u1');
    expect(await outcomeOf(storage.commit(session, { eager: true }))).to.equal('withheld');
  });

  it('but a sign-in in a request whose own session was revoked meanwhile goes nowhere either', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().forClient();
    const session = storage.get(sid).setUser('u1');
    await storage.revoke({ sid });
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(openingOf(storage, sid)).to.equal('revoked');
  });
});

describe('SessionStorage.commit: a session too large for a token', () => {
  it('is SessionTooLarge with its size and limit, and nothing ends', () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const session = storage.get(sid).rotate();
    session.sessionData['text'] = 'x'.repeat(20_000);
    const error = errorOf(() => storage.commit(session));
    expect(error).to.be.instanceOf(SessionTooLarge).and.include({ code: 'ERR_SESSION_TOO_LARGE', limit: 16_384 });
    expect(openingOf(storage, sid)).to.equal('opened');
  });
});

describe('SessionStorage.commit: public keys only', () => {
  it('refuses what would have to be signed, and leaves alone what need not', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const issuing = bench({ jwtSecret: privateKey, jwtAlgorithm: 'ES256' }).storage;
    const { clock, storage } = bench({ jwtSecret: publicKey, jwtAlgorithm: 'ES256' });
    const sid = issuing.create({ a: 1 }).forClient();
    clock.advance(HOUR);
    expect(await outcomeOf(storage.commit(storage.get(sid)))).to.equal('unchanged');
    const changed = storage.get(sid);
    changed.sessionData['a'] = 2;
    expect(() => storage.commit(changed)).to.throw(TypeError, 'public keys only');
    expect(() => storage.create().forClient()).to.throw(TypeError, 'public keys only');
  });
});

describe('SessionStorage.commit: a write after the end', () => {
  it('is SessionEnded for whoever holds the same session', async () => {
    const { storage } = revokingBench();
    const session = storage.create();
    await storage.commit(session);
    await storage.revoke(session);
    expect(await errorOf(() => session.save())).to.be.instanceOf(SessionEnded);
  });
});
