import { expect } from 'chai';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import { publicKeys, type SigningKeys } from '../../src/identity/index.js';
import { thumbprintOf } from '../../src/identity/public-jwk.js';
import { identityToken, WHO } from '../support/identities.js';
import { P256, P384, P521, pem, RSA, RSA_PSS_256, SECRET, SIGNED, signingKey } from '../support/keys.js';
import { errorOf } from '../support/outcomes.js';
import { callUntyped } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const problemOf = (keys: unknown): string =>
  errorOf(() => callUntyped({ publicKeys: (given: SigningKeys) => publicKeys(given) }, 'publicKeys', keys), TypeError)
    .message;

describe('publicKeys', () => {
  it('shows the public members of each key, what it is for, and its thumbprint', async () => {
    for (const [jwtSecret, jwtAlgorithm] of [
      [P256.privateKey, 'ES256'],
      [pem(P384.privateKey), 'ES384'],
      [P521.publicKey, 'ES512'],
      [RSA.privateKey, 'PS512'],
    ] as const) {
      const { keys } = publicKeys({ jwtSecret, jwtAlgorithm });
      const [key, ...others] = keys;
      const jwk = jwtAlgorithm === 'PS512' ? RSA.publicKey.export({ format: 'jwk' }) : undefined;
      expect(others).to.deep.equal([]);
      expect(key).to.include({ alg: jwtAlgorithm, use: 'sig' });
      if (jwk !== undefined) expect(key).to.include(jwk);
      expect(key?.kid).to.equal(await calculateJwkThumbprint({ ...key }));
    }
  });

  it('has the thumbprint of RFC 7638 section 3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(thumbprintOf({ kty: 'RSA', n, e: 'AQAB' })).to.equal('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('keeps the names and the order of several keys', () => {
    const old = { kid: 'old', secret: RSA.publicKey };
    const keys = publicKeys({ jwtSecret: [RSA_NEXT, old], jwtAlgorithm: 'RS256' }).keys.map(({ kid }) => kid);
    expect(keys).to.deep.equal(['next', 'old']);
  });

  it('verifies the tokens of those keys, by other libraries, too', async () => {
    for (const jwtAlgorithm of SIGNED.filter((one) => !one.startsWith('HS'))) {
      const key = signingKey(jwtAlgorithm);
      const { keys } = publicKeys({ jwtSecret: key, jwtAlgorithm });
      const set = createLocalJWKSet({ keys: keys.map((one) => ({ ...one })) });
      const verified = await jwtVerify(identityToken(WHO, jwtAlgorithm, key), set, { currentDate: new Date(NOW) });
      expect(verified.payload.sub).to.equal('u1');
      expect(verified.protectedHeader.kid).to.equal(keys[0]?.kid);
    }
  });

  it('shows nothing private', () => {
    for (const jwtAlgorithm of SIGNED.filter((one) => !one.startsWith('HS'))) {
      const text = JSON.stringify(publicKeys({ jwtSecret: signingKey(jwtAlgorithm), jwtAlgorithm }));
      expect(text).not.to.match(/"(?:d|p|q|dp|dq|qi|k)":/);
    }
  });

  it('refuses a secret, whatever it is called', () => {
    expect(problemOf({ jwtSecret: SECRET, jwtAlgorithm: 'HS512' })).to.match(
      /HS512 signs with a secret, which must not/,
    );
    expect(problemOf({ jwtSecret: SECRET, jwtAlgorithm: 'ES256' })).to.match(/^jwtSecret: not a private or public key/);
    expect(problemOf({ jwtSecret: SECRET })).to.match(/option jwtAlgorithm/);
    expect(problemOf(P256.privateKey)).to.match(/^publicKeys: expected/);
    expect(problemOf({ jwtSecret: RSA_PSS_256.privateKey, jwtAlgorithm: 'PS256' })).to.match(
      /RSA-PSS key has no JWK form/,
    );
  });
});

const RSA_NEXT = { kid: 'next', secret: RSA.privateKey } as const;
