import { type KeyObject, sign } from 'node:crypto';
import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { RSA } from '../support/keys.js';
import { openingOf } from '../support/outcomes.js';

const NOW = 1_700_000_000_000;

/** A good RS256 token whose signature begins with a zero byte, as one in 256 does. */
function tokenWithLeadingZero(privateKey: KeyObject): readonly [input: string, signature: Buffer] {
  const header = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'session+jwt' })).toString('base64url');
  for (let n = 0; n < 20_000; n += 1) {
    const claims = { jti: `id-${n}`, created: NOW, luat: NOW, lmat: NOW };
    const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    const signature = sign('sha256', Buffer.from(input), privateKey);
    if (signature[0] === 0) return [input, signature];
  }
  throw new Error('no such token');
}

describe('An RSA signature', () => {
  it('that begins with a zero byte has no second spelling without it (RFC 8017 section 8.1.2, row 14)', function () {
    this.timeout(60_000);
    const [input, signature] = tokenWithLeadingZero(RSA.privateKey);
    const storage = new SessionStorage({ jwtSecret: RSA.publicKey, jwtAlgorithm: 'RS256', clock: { now: () => NOW } });
    expect(openingOf(storage, `${input}.${signature.toString('base64url')}`)).to.equal('opened');
    expect(openingOf(storage, `${input}.${signature.subarray(1).toString('base64url')}`)).to.equal('bad_signature');
  });
});
