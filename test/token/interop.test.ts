import { createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { createSigner, createVerifier } from 'fast-jwt';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import jwt from 'jsonwebtoken';
import { SessionStorage } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import type { KeyMaterial } from '../../src/token/key-import.js';
import { parts } from '../support/forge.js';
import { pem, SIGNED, type SignedAlgorithm, signingKey } from '../support/keys.js';
import { claims, NOW } from '../support/token-fixtures.js';

/** A key in the forms that it may be configured in. */
interface Form {
  readonly name: string;
  /** For whoever signs. */
  readonly secret: string | Buffer | KeyObject;
  /** For whoever verifies. */
  readonly shown: string | Buffer | KeyObject;
}

const TEXT = 'sixty-four characters of text, the same in UTF-8 and in latin1..';

function formsOf(algorithm: SignedAlgorithm): readonly Form[] {
  const key = signingKey(algorithm);
  if (Buffer.isBuffer(key)) {
    const object = createSecretKey(key);
    return [
      { name: 'string', secret: TEXT, shown: TEXT },
      { name: 'Buffer', secret: key, shown: key },
      { name: 'KeyObject', secret: object, shown: object },
    ];
  }
  const shown = createPublicKey(key);
  return [
    { name: 'PEM string', secret: pem(key), shown: pem(shown) },
    { name: 'PEM Buffer', secret: Buffer.from(pem(key)), shown: Buffer.from(pem(shown)) },
    { name: 'KeyObject', secret: key, shown },
  ];
}

/** The same key as an object, for the libraries that take no other form. */
function asObject(key: string | Buffer | KeyObject, algorithm: SignedAlgorithm): KeyObject {
  if (key instanceof KeyObject) return key;
  if (algorithm.startsWith('HS')) return createSecretKey(Buffer.from(key));
  return createPublicKey(key);
}

function storageOf(jwtAlgorithm: SignedAlgorithm, jwtSecret: KeyMaterial): SessionStorage {
  return new SessionStorage({ jwtAlgorithm, jwtSecret, clock: new FakeClock(NOW) });
}

const payload = { ...claims({ uid: 'ü1', sessionData: { cart: ['é', 1] } }), iat: NOW / 1000, exp: NOW / 1000 + 60 };

function opens(storage: SessionStorage, sid: string): void {
  const session = storage.get(sid);
  expect(session.id).to.equal('the-session');
  expect(session.uid).to.equal('ü1');
  expect(session.sessionData).to.deep.equal({ cart: ['é', 1] });
}

/** Every claim that other tools know, as RFC 7519 has them. */
function isOurs(read: unknown, sid: string): void {
  expect(read).to.deep.equal(parts(sid).payload);
  expect(read).to.deep.include({ iat: NOW / 1000, exp: NOW / 1000 + 604_800, uid: 'ü1', aud: 'app', iss: 'us' });
}

function issue(jwtAlgorithm: SignedAlgorithm, jwtSecret: KeyMaterial): string {
  const storage = new SessionStorage({
    jwtAlgorithm,
    jwtSecret,
    clock: new FakeClock(NOW),
    issuer: 'us',
    audience: 'app',
  });
  return storage
    .create({ cart: ['é', 1] })
    .setUser('ü1')
    .forClient();
}

describe('other JWT tools', () => {
  for (const algorithm of SIGNED) {
    for (const { name, secret, shown } of formsOf(algorithm)) {
      describe(`${algorithm} with a ${name}`, () => {
        it('jsonwebtoken: its tokens open here, and it verifies ours', () => {
          opens(storageOf(algorithm, secret), jwt.sign(payload, secret, { algorithm }));
          opens(storageOf(algorithm, shown), jwt.sign(payload, secret, { algorithm }));
          const sid = issue(algorithm, secret);
          const options = { algorithms: [algorithm], clockTimestamp: NOW / 1000, issuer: 'us', audience: 'app' };
          isOurs(jwt.verify(sid, shown, options), sid);
        });

        it('jose: its tokens open here, and it verifies ours', async () => {
          const key =
            secret instanceof KeyObject || algorithm.startsWith('HS')
              ? asObject(secret, algorithm)
              : signingKey(algorithm);
          const token = await new SignJWT(payload).setProtectedHeader({ alg: algorithm }).sign(key);
          opens(storageOf(algorithm, secret), token);
          opens(storageOf(algorithm, shown), token);
          const sid = issue(algorithm, secret);
          const options = {
            algorithms: [algorithm],
            currentDate: new Date(NOW),
            typ: 'session+jwt',
            issuer: 'us',
            audience: 'app',
          };
          const verified = await jwtVerify(sid, asObject(shown, algorithm), options);
          isOurs(verified.payload, sid);
        });

        it('fast-jwt: its tokens open here, and it verifies ours', () => {
          const key = plain(secret);
          const sign = createSigner({ algorithm, key, clockTimestamp: NOW });
          opens(storageOf(algorithm, secret), sign(payload));
          opens(storageOf(algorithm, shown), sign(payload));
          const sid = issue(algorithm, secret);
          const verify = createVerifier({
            algorithms: [algorithm],
            key: plain(shown),
            clockTimestamp: NOW,
            allowedIss: 'us',
            allowedAud: 'app',
          });
          isOurs(verify(sid), sid);
        });
      });
    }
  }

  it('with a JWK, jose and this package agree', async () => {
    for (const algorithm of SIGNED) {
      const key = signingKey(algorithm);
      const jwk = Buffer.isBuffer(key)
        ? { kty: 'oct', k: key.toString('base64url') }
        : { ...key.export({ format: 'jwk' }) };
      const material = { ...jwk, kty: String(jwk.kty), alg: algorithm, kid: 'k1' };
      const imported = await importJWK(material, algorithm);
      const token = await new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid: 'k1', typ: 'JWT' })
        .sign(imported);
      opens(storageOf(algorithm, material), token);
      const sid = issue(algorithm, material);
      const shown = Buffer.isBuffer(key) ? imported : createPublicKey(key);
      const verified = await jwtVerify(sid, shown, { algorithms: [algorithm], currentDate: new Date(NOW) });
      expect(verified.protectedHeader).to.deep.equal({ alg: algorithm, typ: 'session+jwt', kid: 'k1' });
      isOurs(verified.payload, sid);
    }
  });

  it('see an expired session as expired', async () => {
    const sid = issue('HS256', TEXT);
    const late = NOW / 1000 + 604_800;
    expect(() => jwt.verify(sid, TEXT, { clockTimestamp: late })).to.throw(jwt.TokenExpiredError);
    expect(() => createVerifier({ key: TEXT, clockTimestamp: late * 1000 + 1 })(sid)).to.throw(/expired/);
    const refusal = await jwtVerify(sid, Buffer.from(TEXT), { currentDate: new Date(late * 1000) }).catch(
      (error: unknown) => error,
    );
    expect(refusal).to.have.property('code', 'ERR_JWT_EXPIRED');
  });
});

/** fast-jwt takes text and bytes. */
function plain(key: string | Buffer | KeyObject): string | Buffer {
  if (!(key instanceof KeyObject)) return key;
  return key.type === 'secret' ? key.export() : pem(key);
}
