import { expect } from 'chai';
import { SessionTooLarge } from '../../../src/index.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { bench, revokingBench } from '../../support/sessions.js';
import { NOW, warningsDuring } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('SessionStorage.commit with the ttlType lastUpdate', () => {
  it('counts from the commit, not from the request’s begin', async () => {
    const { clock, storage } = bench({ timeToLive: HOUR, ttlType: 'lastUpdate' });
    const session = storage.get(storage.create().forClient());
    session.sessionData['a'] = 1;
    clock.advance(40);
    expect(await storage.commit(session)).to.have.property('expires', NOW + 40 + HOUR);
  });
});

describe('SessionStorage.commit: ended', () => {
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
