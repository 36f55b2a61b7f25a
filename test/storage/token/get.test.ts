import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { openingOf } from '../../support/outcomes.js';
import { bench, claimsOf, tokenOf } from '../../support/sessions.js';
import { claims, NOW } from '../../support/token-fixtures.js';

describe('SessionStorage.get', () => {
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
      expect(openingOf(storage, tokenOf(claims({ [name]: NOW + 3001 })))).to.equal('not_yet_valid');
    });
  }

  it('takes no claim ahead of time with a clock skew of 0', () => {
    const { storage } = bench({ clockSkew: 0 });
    expect(openingOf(storage, tokenOf(claims()))).to.equal('opened');
    expect(openingOf(storage, tokenOf(claims({ luat: NOW + 1 })))).to.equal('not_yet_valid');
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
  it('lives after everyone was revoked in the same millisecond', async () => {
    const { storage } = bench({ revocations: new RevocationList() });
    const before = storage.create().forClient();
    await storage.revoke('everyone');
    const after = storage.create().forClient();
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['revoked', 'opened']);
  });
});
