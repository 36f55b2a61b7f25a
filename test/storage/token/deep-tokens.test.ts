import { expect } from 'chai';
import { SessionNotFound } from '../../../src/index.js';
import { forge } from '../../support/forge.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { bench, SECRET, tokenOf } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

/** Objects in this many levels, as JSON text. */
const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;

describe('SessionStorage.get, of tokens with deeply nested data', () => {
  for (const name of ['sessionData', 'userData', 'info']) {
    const tokenWith = (levels: number) => {
      const { storage, clock } = bench<Record<string, unknown>>();
      const now = clock.now();
      const claims = { jti: 'a', uid: 'u', created: now, luat: now, lmat: now };
      return { storage, sid: tokenOf({ ...claims, [name]: JSON.parse(nested(levels)) }) };
    };

    it(`opens one with ${name} in 1,000 levels, and lets it be used and issued again`, () => {
      const { storage, sid } = tokenWith(1000);
      const session = storage.get(sid);
      session.sessionData['changed'] = true;
      expect(session.userData).to.be.an('object');
      expect(storage.get(session.forClient()).sessionData).to.have.property('changed', true);
    });

    it(`refuses one with ${name} in more levels, however many`, () => {
      for (const levels of [1001, 1900]) {
        const { storage, sid } = tokenWith(levels);
        expect(errorOf(() => storage.get(sid), SessionNotFound).reason).to.equal('invalid_claims');
      }
    });
  }

  it('refuses arrays as deep as a token can hold', () => {
    const { storage } = bench();
    const payload = `{"sessionData":{"a":${'['.repeat(6000)}${']'.repeat(6000)}}}`;
    const sid = forge({ as: 'HS512', key: Buffer.from(SECRET), payload });
    expect(errorOf(() => storage.get(sid), SessionNotFound).reason).to.equal('invalid_claims');
  });
});

describe('The smallest token with deeply nested arrays', () => {
  const tokenWith = (levels: number): string => {
    const data = `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const payload = `{"jti":"a","created":${NOW},"luat":${NOW},"lmat":${NOW},"sessionData":${data}}`;
    return forge({ as: 'HS512', key: Buffer.from(SECRET), payload });
  };

  it('is refused from 1,001 levels on, and opened up to 1,000', () => {
    const { storage } = bench();
    expect(tokenWith(1001).length).to.be.below(3000);
    expect(openingOf(storage, tokenWith(1000))).to.equal('opened');
    expect(errorOf(() => storage.get(tokenWith(1001)), SessionNotFound).reason).to.equal('invalid_claims');
  });
});
