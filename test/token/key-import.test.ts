import { createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { importKey } from '../../src/token/key-import.js';
import {
  DSA,
  ED25519,
  P256,
  P384,
  P521,
  pem,
  publicForms,
  RSA,
  RSA_PSS_256,
  RSA_PSS_ANY,
  rsaPss,
  SECP256K1,
  SECRET,
  SIGNED,
  type SignedAlgorithm,
  SMALL_RSA,
  signingKey,
  X25519,
} from '../support/keys.js';
import { errorOf } from '../support/outcomes.js';

/** Imports anything at all, as plain JavaScript can. */
function untyped(material: unknown, algorithm: SignedAlgorithm): unknown {
  return Reflect.apply(importKey, undefined, [material, algorithm, 'jwtSecret']);
}

function refused(material: unknown, algorithm: SignedAlgorithm, message: string | RegExp): void {
  expect(() => untyped(material, algorithm), algorithm).to.throw(TypeError, message);
}

const PAIRS = {
  rsa: RSA,
  'rsa-pss for PS256': RSA_PSS_256,
  'P-256': P256,
  'P-384': P384,
  'P-521': P521,
  secp256k1: SECP256K1,
  ed25519: ED25519,
  x25519: X25519,
  dsa: DSA,
} as const;

/** What RFC 7518 section 3.1 lets sign with what. */
const FITTING: Readonly<Record<keyof typeof PAIRS, readonly string[]>> = {
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'rsa-pss for PS256': ['PS256'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  secp256k1: [],
  ed25519: [],
  x25519: [],
  dsa: [],
};

describe('importKey', () => {
  describe('HMAC secrets', () => {
    const forms: readonly (readonly [string, unknown])[] = [
      ['a string, by its UTF-8 bytes', 'hélas, a secret'],
      ['a Buffer', Buffer.from('hélas, a secret')],
      ['a Uint8Array', new Uint8Array(Buffer.from('hélas, a secret'))],
      ['a view into a larger ArrayBuffer', Buffer.from('..hélas, a secret..').subarray(2, 18)],
      ['a secret KeyObject', createSecretKey(Buffer.from('hélas, a secret'))],
      ['an oct JWK', { kty: 'oct', k: Buffer.from('hélas, a secret').toString('base64url') }],
    ];
    for (const [name, material] of forms) {
      it(`takes ${name}`, () => {
        const { signing, verifying } = importKey(keyMaterial(material), 'HS256', 'jwtSecret');
        expect(signing).to.equal(verifying);
        expect(verifying.export().toString()).to.equal('hélas, a secret');
      });
    }

    it('keeps a copy of its own, so that wiping the bytes afterwards changes nothing', () => {
      const bytes = Buffer.from(SECRET);
      const { verifying } = importKey(bytes, 'HS256', 'jwtSecret');
      bytes.fill(0);
      expect(verifying.export().equals(SECRET)).to.equal(true);
    });

    it('refuses an empty secret in every form (row 20, GHSA-gmvf-9v4p-v8jc)', () => {
      const empties = ['', Buffer.alloc(0), new Uint8Array(0), createSecretKey(Buffer.alloc(0)), { kty: 'oct', k: '' }];
      for (const empty of empties) refused(empty, 'HS256', 'jwtSecret is empty');
    });

    it('refuses what is no secret at all', () => {
      const others = [
        undefined,
        null,
        0,
        1,
        NaN,
        true,
        1n,
        Symbol('s'),
        {},
        [],
        ['secret'],
        () => 'secret',
        new Date(),
      ];
      for (const other of others) refused(other, 'HS256', /must be a string, bytes, a KeyObject, a JWK/);
      refused(new ArrayBuffer(64), 'HS256', /must be a string/);
      refused(Object('secret in a String object'), 'HS256', /must be a string/);
    });

    it('never calls toString of an object that is given as a secret (CVE-2022-23529)', () => {
      let calls = 0;
      const count = (): string => {
        calls += 1;
        return 'secret';
      };
      const hostile = { toString: count, valueOf: count, toJSON: count, [Symbol.toPrimitive]: count, length: 64 };
      for (const algorithm of SIGNED) refused(hostile, algorithm, /must be a string, bytes/);
      expect(calls).to.equal(0);
    });

    it('refuses the JWK or SSH text of a public key as an HMAC secret (row 19)', () => {
      const jwk = JSON.stringify({ e: 'AQAB', kty: 'RSA', n: 'AQAB' });
      for (const text of [
        jwk,
        ` \n${jwk}`,
        'ssh-rsa AAAAB3NzaC1yc2E= me',
        'ssh-ed25519 AAAA me',
        'ecdsa-sha2-nistp256 AAAA me',
      ]) {
        refused(text, 'HS256', 'this is a public or private key');
        refused(Buffer.from(text), 'HS256', 'this is a public or private key');
      }
    });

    it('refuses a key as an HMAC secret in whatever encoding it was pasted (row 19)', () => {
      for (const { publicKey, privateKey } of [RSA, P256, ED25519]) {
        const der = publicKey.export({ format: 'der', type: 'spki' });
        const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
        const text = pem(publicKey);
        const forms = [
          ...[der, pkcs8].flatMap((bytes) => [bytes, bytes.toString('base64'), bytes.toString('base64url')]),
          Buffer.from(text, 'utf16le'),
          `\ufeff${JSON.stringify(publicKey.export({ format: 'jwk' }))}`,
          JSON.stringify([publicKey.export({ format: 'jwk' })]),
          text.replaceAll('-----', '----'),
        ];
        for (const form of forms) {
          refused(form, 'HS256', 'this is a public or private key');
          const bytes = Buffer.from(form);
          refused(createSecretKey(bytes), 'HS256', 'this is a public or private key');
          refused({ kty: 'oct', k: bytes.toString('base64url') }, 'HS256', 'this is a public or private key');
        }
      }
      refused(RSA.publicKey.export({ format: 'der', type: 'pkcs1' }), 'HS256', 'this is a public or private key');
    });

    it('refuses PEM as an HMAC secret, public or private, as text or bytes, wherever it begins (row 19)', () => {
      for (const { publicKey, privateKey } of [RSA, P256, ED25519]) {
        for (const text of [pem(publicKey), pem(privateKey), `\n  ${pem(publicKey)}`, `key: ${pem(publicKey)}`]) {
          refused(text, 'HS256', 'this is a public or private key');
          refused(Buffer.from(text), 'HS256', 'this is a public or private key');
        }
      }
    });

    it('refuses an asymmetric KeyObject or JWK for an HMAC algorithm', () => {
      refused(RSA.publicKey, 'HS256', 'takes a secret, not a public key');
      refused(RSA.privateKey, 'HS256', 'takes a secret, not a private key');
      for (const { publicKey, privateKey } of [RSA, P256]) {
        refused(publicKey.export({ format: 'jwk' }), 'HS256', 'kty "oct"');
        refused(privateKey.export({ format: 'jwk' }), 'HS256', 'kty "oct"');
      }
    });

    it('refuses an oct JWK whose k is missing or no base64url, instead of reading what it can', () => {
      for (const k of [undefined, null, 5, ['c2VjcmV0'], { toString: () => 'c2VjcmV0' }]) {
        refused({ kty: 'oct', k }, 'HS256', 'kty "oct"');
      }
      for (const k of ['not a base64url text', 'c2VjcmV0=', 'c2Vj\ncmV0', 'c2VjcmV0+/', 'c2VjcmV0a']) {
        refused({ kty: 'oct', k }, 'HS256', /base64url/);
      }
    });
  });

  describe('RSA and EC keys', () => {
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'ES512'] as const) {
      it(`takes a private key for ${algorithm} as PEM text, PEM bytes, KeyObject and JWK, and both halves are the same key`, () => {
        const key = signingKey(algorithm);
        if (Buffer.isBuffer(key)) throw new Error('not an asymmetric key');
        const forms = [pem(key), Buffer.from(pem(key)), new Uint8Array(Buffer.from(pem(key))), key, jwkOf(key)];
        for (const form of forms) {
          const { signing, verifying } = importKey(keyMaterial(form), algorithm, 'jwtSecret');
          expect(signing?.equals(key)).to.equal(true);
          expect(verifying.type).to.equal('public');
          expect(verifying.equals(createPublicKey(key))).to.equal(true);
        }
      });

      it(`takes a public key for ${algorithm} in the same forms, and has nothing to sign with`, () => {
        const key = signingKey(algorithm);
        if (Buffer.isBuffer(key)) throw new Error('not an asymmetric key');
        const shown = createPublicKey(key);
        for (const form of [pem(shown), Buffer.from(pem(shown)), shown, jwkOf(shown)]) {
          const { signing, verifying } = importKey(keyMaterial(form), algorithm, 'jwtSecret');
          expect(signing).to.equal(undefined);
          expect(verifying.equals(shown)).to.equal(true);
        }
      });
    }

    it('takes the older PEM forms PKCS#1 and SEC1', () => {
      const pkcs1 = RSA.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
      const sec1 = P256.privateKey.export({ format: 'pem', type: 'sec1' }).toString();
      expect(importKey(pkcs1, 'RS256', 'jwtSecret').signing?.equals(RSA.privateKey)).to.equal(true);
      expect(importKey(sec1, 'ES256', 'jwtSecret').signing?.equals(P256.privateKey)).to.equal(true);
      const shown = RSA.publicKey.export({ format: 'pem', type: 'pkcs1' });
      expect(importKey(shown, 'RS256', 'jwtSecret').verifying.equals(RSA.publicKey)).to.equal(true);
    });

    it('takes each kind of key for the algorithms that RFC 7518 names and for no other (row 18, CVE-2022-23539)', () => {
      for (const [name, pair] of Object.entries(PAIRS)) {
        for (const algorithm of SIGNED) {
          const fits = Object.entries(FITTING).some(
            ([kind, algorithms]) => kind === name && algorithms.includes(algorithm),
          );
          for (const key of [pair.publicKey, pair.privateKey, pem(pair.publicKey), pem(pair.privateKey)]) {
            const take = (): unknown => untyped(key, algorithm);
            if (fits) expect(take, `${name} ${algorithm}`).not.to.throw();
            else expect(take, `${name} ${algorithm}`).to.throw(TypeError);
          }
        }
      }
    });

    it('refuses an RSA-PSS key whose own parameters rule the algorithm out, instead of failing at each token', () => {
      for (const algorithm of ['PS384', 'PS512'] as const) refused(RSA_PSS_256.privateKey, algorithm, /RSA-PSS/);
      for (const algorithm of ['PS256', 'PS384', 'PS512'] as const)
        refused(RSA_PSS_ANY.publicKey, algorithm, /RSA-PSS/);
      refused(rsaPss(48).publicKey, 'PS256', /RSA-PSS/);
    });

    it('refuses secrets and junk where a private or public key is wanted', () => {
      for (const algorithm of ['RS256', 'PS512', 'ES256'] as const) {
        refused(createSecretKey(SECRET), algorithm, 'takes a private or public key, not a secret');
        for (const junk of [
          'just a long enough text to be a secret',
          SECRET,
          { kty: 'oct', k: 'c2VjcmV0' },
          { kty: 'RSA' },
        ]) {
          refused(junk, algorithm, 'not a private or public key in PEM or JWK form');
        }
        refused('', algorithm, 'is empty');
        refused(Buffer.alloc(0), algorithm, 'is empty');
      }
    });

    it('refuses public keys in forms that are neither PEM nor JWK', () => {
      for (const [name, form] of publicForms(RSA.publicKey)) {
        if (!name.includes('PEM')) refused(form, 'RS256', 'not a private or public key in PEM or JWK form');
      }
    });

    it('refuses an encrypted private key, for which there is no passphrase', () => {
      const locked = P256.privateKey.export({
        format: 'pem',
        type: 'pkcs8',
        cipher: 'aes-256-cbc',
        passphrase: 'pass',
      });
      refused(locked.toString(), 'ES256', 'not a private or public key in PEM or JWK form');
    });

    it('1024-bit RSA is refused at import, for verifying too (section 3: 1024-bit RSA verify; RFC 7518 section 3.3)', () => {
      for (const algorithm of ['RS256', 'RS512', 'PS256'] as const) {
        for (const key of [
          SMALL_RSA.privateKey,
          SMALL_RSA.publicKey,
          pem(SMALL_RSA.publicKey),
          jwkOf(SMALL_RSA.publicKey),
        ]) {
          refused(key, algorithm, '2048 bits or more');
        }
      }
    });

    it('refuses an RSA key whose public exponent makes signatures forgeable: 1, 0 and even ones (row 20)', () => {
      for (const e of ['AQ', 'AA', 'Ag', 'BA']) {
        refused({ ...jwkOf(RSA.publicKey), e }, 'RS256', 'public exponent is unsafe');
      }
      expect(() => untyped({ ...jwkOf(RSA.publicKey), e: 'Aw' }, 'RS256')).not.to.throw();
    });

    it('refuses a point that is not on the curve', () => {
      const { x, y, ...others } = P256.publicKey.export({ format: 'jwk' });
      refused({ ...others, x: y, y: x }, 'ES256', 'not a private or public key in PEM or JWK form');
    });

    it('EdDSA keys are refused when the storage is made (jsonwebtoken: EdDSA key)', () => {
      for (const algorithm of SIGNED) refused(ED25519.publicKey, algorithm, /takes/);
      refused(jwkOf(ED25519.privateKey), 'ES256', /takes an EC key/);
    });
  });

  describe('JWK metadata', () => {
    const oct = { kty: 'oct', k: SECRET.toString('base64url') };

    it('JWK use:enc and key_ops:[encrypt] are refused at import (jsonwebtoken: JWK use, key_ops; Wycheproof 353 to 356)', () => {
      for (const [jwk, algorithm] of [
        [oct, 'HS256'],
        [jwkOf(RSA.publicKey), 'RS256'],
        [jwkOf(P256.privateKey), 'ES256'],
      ] as const) {
        for (const use of ['enc', 'SIG', '', null, ['sig']]) refused({ ...jwk, use }, algorithm, 'use is not "sig"');
        for (const key_ops of [['encrypt'], ['wrapKey', 'deriveBits'], [], 'sign', 'verify', { 0: 'sign' }, null]) {
          refused({ ...jwk, key_ops }, algorithm, /key_ops/);
        }
        expect(() => untyped({ ...jwk, use: 'sig', key_ops: ['sign', 'verify'] }, algorithm)).not.to.throw();
      }
    });

    it('refuses a JWK that names another algorithm (CVE-2026-22817)', () => {
      for (const alg of ['HS512', 'hs256', 'RS256', 'none', '', null, ['HS256']]) {
        refused({ ...oct, alg }, 'HS256', 'not for HS256');
      }
      refused({ ...jwkOf(RSA.publicKey), alg: 'PS256' }, 'RS256', 'not for RS256');
      expect(() => untyped({ ...oct, alg: 'HS256' }, 'HS256')).not.to.throw();
    });

    it('does not sign with a key whose key_ops allow verifying only', () => {
      for (const [jwk, algorithm] of [
        [oct, 'HS256'],
        [jwkOf(RSA.privateKey), 'RS256'],
        [jwkOf(P256.privateKey), 'ES256'],
      ] as const) {
        const { signing } = importKey(keyMaterial({ ...jwk, key_ops: ['verify'] }), algorithm, 'jwtSecret');
        expect(signing, algorithm).to.equal(undefined);
      }
    });

    it('refuses a shared secret whose key_ops allow signing only, because every key here verifies', () => {
      refused({ ...oct, key_ops: ['sign'] }, 'HS256', /key_ops/);
      // A private key may well say so: its public half is what verifies.
      expect(() => untyped({ ...jwkOf(P256.privateKey), key_ops: ['sign'] }, 'ES256')).not.to.throw();
    });

    it('takes the kid along, and refuses one that is no string', () => {
      expect(importKey(keyMaterial({ ...oct, kid: 'k1' }), 'HS256', 'jwtSecret').kid).to.equal('k1');
      expect(importKey(keyMaterial(oct), 'HS256', 'jwtSecret').kid).to.equal(undefined);
      for (const kid of [1, null, ['k1'], {}]) refused({ ...oct, kid }, 'HS256', 'kid is not a string');
    });

    it('refuses a set of keys', () => {
      for (const algorithm of ['HS256', 'RS256', 'ES256'] as const) {
        refused({ keys: [oct] }, algorithm, /must be a string, bytes, a KeyObject, a JWK/);
        refused({ kty: 'oct', keys: [oct] }, algorithm, algorithm === 'HS256' ? 'kty "oct"' : 'PEM or JWK form');
      }
    });
  });

  it('shows no key material in any error', () => {
    const secret = 'correct horse battery staple';
    const wrong: readonly (readonly [unknown, SignedAlgorithm, string])[] = [
      [secret, 'RS256', secret],
      [Buffer.from(secret), 'ES256', secret],
      [{ kty: 'oct', k: secret }, 'RS256', secret],
      [{ kty: 'oct', k: secret, use: secret }, 'HS256', secret],
      [{ kty: 'oct', k: secret, alg: secret, kid: secret }, 'HS256', secret],
      [{ kty: secret, k: secret }, 'HS256', secret],
      [{ secret }, 'HS256', secret],
      [[secret], 'HS256', secret],
      [pem(RSA.privateKey), 'HS256', pem(RSA.privateKey).slice(40, 80)],
      [pem(RSA.privateKey), 'ES256', pem(RSA.privateKey).slice(40, 80)],
      [pem(SMALL_RSA.privateKey), 'RS256', pem(SMALL_RSA.privateKey).slice(40, 80)],
      [pem(RSA.privateKey).replace('-----END', ' -----END'), 'RS256', pem(RSA.privateKey).slice(40, 80)],
      [jwkOf(SECP256K1.privateKey), 'ES256', String(jwkOf(SECP256K1.privateKey).d)],
      [{ ...jwkOf(RSA.privateKey), n: 'x' }, 'RS256', String(jwkOf(RSA.privateKey).d)],
    ];
    for (const [material, algorithm, part] of wrong) {
      const error = errorOf(() => untyped(material, algorithm));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.cause).to.equal(undefined);
      expect(`${error.stack}`).not.to.contain(part);
    }
  });
});

function jwkOf(key: KeyObject) {
  return key.export({ format: 'jwk' });
}

/** Narrows what the tables above hold. */
function keyMaterial(material: unknown): Parameters<typeof importKey>[0] {
  if (typeof material === 'string' || material instanceof Uint8Array || material instanceof KeyObject) return material;
  if (typeof material === 'object' && material !== null && 'kty' in material && typeof material.kty === 'string') {
    return { ...material, kty: material.kty };
  }
  throw new Error('no key material');
}
