import { expect } from 'chai';
import { RevocationList, SessionExpired, SessionNotFound } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { bench, claimsOf, tokenOf } from '../../support/sessions.js';
import { claims, NOW } from '../../support/token-fixtures.js';

describe('SessionStorage.get', () => {
  it('gives back what create made: id, lineage, user, data and instants', () => {
    const { clock, storage } = bench();
    const made = storage.create({ cart: [1] }).setUser('u1', { name: 'Ada' });
    made.info = { device: 'test' };
    const sid = made.forClient();
    clock.advance(5);
    const got = storage.get(sid);
    for (const name of ['id', 'lineage', 'uid', 'created', 'lastUpdate', 'authenticatedAt'] as const) {
      expect(got[name], name).to.equal(made[name]);
    }
    expect([got.sessionData, got.userData, got.info]).to.deep.equal([
      { cart: [1] },
      { name: 'Ada' },
      { device: 'test' },
    ]);
  });

  it('moves lastAccess to now, and only in the session', () => {
    const { clock, storage } = bench();
    const sid = storage.create().forClient();
    clock.advance(5);
    expect(storage.get(sid).lastAccess).to.equal(NOW + 5);
    expect(storage.get(sid, { touch: false }).lastAccess).to.equal(NOW);
  });

  it('never moves lastAccess back when the clock does', () => {
    const { clock, storage } = bench({ clockSkew: 5000 });
    const sid = storage.create().forClient();
    clock.set(clock.now() - 3000);
    expect(storage.get(sid).lastAccess).to.equal(NOW);
  });

  it('ends a session at the millisecond of its bound, and names that as the reason', () => {
    const reasons = [
      [{ timeToLive: 1000 }, 'idle'],
      [{ timeToLive: 0, idleTimeout: 1000 }, 'idle'],
      [{ timeToLive: 1000, ttlType: 'lastUpdate' }, 'update'],
      [{ timeToLive: 1000, ttlType: 'created' }, 'absolute'],
      [{ timeToLive: 0, absoluteTimeout: 1000 }, 'absolute'],
      [{ timeToLive: 0, idleTimeout: 2000, absoluteTimeout: 1000 }, 'absolute'],
    ] as const;
    for (const [options, reason] of reasons) {
      const { clock, storage } = bench({ ...options, timeoutResolution: 0 });
      const sid = storage.create().forClient();
      clock.advance(999);
      expect(openingOf(storage, sid), JSON.stringify(options)).to.equal('opened');
      clock.advance(1);
      expect(openingOf(storage, sid), JSON.stringify(options)).to.equal(`expired: ${reason}`);
    }
  });

  it('gives SessionNotFound that knows the sid (defect 2)', () => {
    const { storage } = bench();
    const refusal = errorOf(() => storage.get('not.a.token'), SessionNotFound);
    expect(refusal).not.to.be.instanceOf(SessionExpired);
    expect(refusal).to.include({ name: 'SessionNotFound', code: 'ERR_SESSION_NOT_FOUND', sessionId: 'not.a.token' });
  });

  it('offers the error classes it throws', () => {
    const { storage } = bench();
    expect(errorOf(() => storage.get('x'), SessionNotFound)).to.be.instanceOf(storage.errors.SessionNotFound);
    expect(storage.errors.SessionExpired.prototype).to.be.instanceOf(storage.errors.SessionNotFound);
    expect(storage.errors.RevocationsStale.prototype).to.be.instanceOf(storage.errors.StoreUnavailable);
    expect(storage.errors).to.be.frozen;
  });

  it('says missing for no sid at all', () => {
    for (const sid of [undefined, null, ''])
      expect(errorOf(() => bench().storage.get(sid), SessionNotFound).reason).to.equal('missing');
  });

  it('tells a refusal by event with its reason, but not that a sid is missing', () => {
    const { storage } = bench();
    const events = eventsOf(storage);
    for (const sid of [undefined, '', 'x', 5]) errorOf(() => storage.get(sid), SessionNotFound);
    expect(events).to.deep.equal([
      ['refused', { reason: 'malformed' }],
      ['refused', { reason: 'malformed' }],
    ]);
  });
});

describe('SessionStorage.get: exp', () => {
  it('holds exp to the second, rounded up, and the bounds to the millisecond', () => {
    const { clock, storage } = bench({ timeToLive: 1500, timeoutResolution: 0 });
    const sid = storage.create().forClient();
    expect(claimsOf(sid)).to.include({ exp: Math.ceil((NOW + 1500) / 1000), iat: NOW / 1000 });
    clock.advance(1500);
    expect(openingOf(storage, sid)).to.equal('expired: idle');
  });

  it('writes no exp without a bound', () => {
    expect(claimsOf(bench({ timeToLive: 0 }).storage.create().forClient())).not.to.have.property('exp');
  });
});

describe('SessionStorage.get: claims', () => {
  it('takes the least a token must say', () => {
    const session = bench().storage.get(tokenOf(claims()));
    expect([session.id, session.lineage, session.uid]).to.deep.equal(['the-session', 'the-session', undefined]);
    expect([session.sessionData, session.userData]).to.deep.equal([{}, {}]);
  });

  for (const name of ['jti', 'created', 'luat', 'lmat']) {
    it(`refuses a token without ${name} (defect 7)`, () => {
      expect(openingOf(bench().storage, tokenOf(claims({ [name]: undefined })))).to.equal('invalid_claims');
    });
  }

  for (const name of ['created', 'luat', 'lmat', 'auth']) {
    it(`takes a ${name} ahead by the clock skew, and not by a millisecond more`, () => {
      const { storage } = bench({ clockSkew: 3000 });
      expect(openingOf(storage, tokenOf(claims({ [name]: NOW + 3000 })))).to.equal('opened');
      expect(openingOf(storage, tokenOf(claims({ [name]: NOW + 3001 })))).to.equal('invalid_claims');
    });
  }

  it('takes no claim ahead of time with a clock skew of 0', () => {
    const { storage } = bench({ clockSkew: 0 });
    expect(openingOf(storage, tokenOf(claims()))).to.equal('opened');
    expect(openingOf(storage, tokenOf(claims({ luat: NOW + 1 })))).to.equal('invalid_claims');
  });

  it('requires the issuer and the audience it was configured with, and writes them', () => {
    const { storage } = bench({ issuer: 'https://a.example', audience: 'shop' });
    expect(claimsOf(storage.create().forClient())).to.include({ iss: 'https://a.example', aud: 'shop' });
    const parties = { iss: 'https://a.example', aud: 'shop' };
    expect(openingOf(storage, tokenOf(claims(parties)))).to.equal('opened');
    expect(openingOf(storage, tokenOf(claims({ ...parties, aud: ['other', 'shop'] })))).to.equal('opened');
    for (const iss of [undefined, '', 'https://a.example/', 'HTTPS://A.EXAMPLE', ['https://a.example'], null, 5]) {
      expect(openingOf(storage, tokenOf(claims({ ...parties, iss })))).to.equal('wrong_issuer');
    }
    for (const aud of [undefined, '', 'Shop', ['other'], [], [['shop']], null, { shop: 1 }]) {
      expect(openingOf(storage, tokenOf(claims({ ...parties, aud })))).to.equal('wrong_audience');
    }
  });

  it('refuses a token for somebody when nobody is expected, and minds no issuer then', () => {
    const { storage } = bench();
    expect(openingOf(storage, tokenOf(claims({ aud: 'shop' })))).to.equal('wrong_audience');
    expect(openingOf(storage, tokenOf(claims({ iss: 'https://a.example' })))).to.equal('opened');
  });
});

describe('SessionStorage.create', () => {
  it('gives each session an id of its own', () => {
    const { storage } = bench();
    expect(storage.create().id).not.to.equal(storage.create().id);
  });

  it('lives after everyone was revoked in the same millisecond', async () => {
    const { storage } = bench({ revocations: new RevocationList() });
    const before = storage.create().forClient();
    await storage.revoke('everyone');
    const after = storage.create().forClient();
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['revoked', 'opened']);
  });
});
