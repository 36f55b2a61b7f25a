import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import type { JwtAlgorithm } from '../../src/token/algorithm.js';
import type { KeyMaterial } from '../../src/token/key-import.js';
import { Refusal } from '../../src/token/refusal.js';
import { SECRET, SIGNED, signingKey } from '../support/keys.js';
import { openingOf, verificationOf } from '../support/outcomes.js';
import { codecOf, untypedKeyring } from '../support/token-fixtures.js';

/** Before the exp of the examples in RFC 7515, March 2011. */
const THEN = 1_300_819_000_000;

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8'));
}

/** The value at a path of property names. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('no text there');
  return value;
}

/** Narrows a JWK read from a file. */
function jwk(value: unknown): KeyMaterial {
  if (typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string') {
    return { ...value, kty: value.kty };
  }
  throw new Error('no JWK there');
}

function storageOf(jwtAlgorithm: JwtAlgorithm, key?: KeyMaterial): SessionStorage {
  return new SessionStorage({
    jwtAlgorithm,
    ...(key === undefined ? {} : { jwtSecret: key }),
    clock: new FakeClock(THEN),
    timeToLive: 0,
  });
}

function payloadOf(algorithm: JwtAlgorithm, key: KeyMaterial, token: string): unknown {
  const verified = codecOf(algorithm, key).verify(token);
  if (verified instanceof Refusal) throw new Error(verified.reason);
  return verified.payload;
}

describe('published vectors', () => {
  describe('RFC 7515 Appendices A and E (row 21)', () => {
    const tests = at(read('rfc7515/appendix_a_e.json'), 'tests');
    const byId = (id: string): unknown =>
      Array.isArray(tests) ? tests.find((one: unknown) => at(one, 'id') === id) : undefined;
    const claims = { iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true };

    for (const [id, algorithm, payload] of [
      ['A.1', 'HS256', claims],
      ['A.2', 'RS256', claims],
      ['A.3', 'ES256', claims],
      ['A.4', 'ES512', 'Payload'],
    ] as const) {
      it(`${id}: the ${algorithm} signature is right, and what it signs is no session`, () => {
        const token = text(at(byId(id), 'jws'));
        const key = jwk(at(byId(id), 'jwk'));
        expect(payloadOf(algorithm, key, token)).to.deep.equal(payload);
        expect(openingOf(storageOf(algorithm, key), token)).to.equal('invalid_claims');
      });

      it(`${id}: with its last byte changed the ${algorithm} signature is wrong`, () => {
        const token = text(at(byId(id), 'jws'));
        const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
        signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
        const changed = token.slice(0, token.lastIndexOf('.') + 1) + signature.toString('base64url');
        const key = jwk(at(byId(id), 'jwk'));
        expect(verificationOf(codecOf(algorithm, key), changed)).to.equal('bad_signature');
        expect(openingOf(storageOf(algorithm, key), changed)).to.equal('bad_signature');
      });

      it(`${id}: another algorithm is pinned: ${algorithm} is wrong_algorithm`, () => {
        const token = text(at(byId(id), 'jws'));
        for (const other of SIGNED) {
          if (other !== algorithm)
            expect(verificationOf(codecOf(other, signingKey(other)), token), other).to.equal('wrong_algorithm');
        }
      });
    }

    it('A.2: the private and the public half verify it', () => {
      const { n, e, kty } = Object(at(byId('A.2'), 'jwk'));
      expect(verificationOf(codecOf('RS256', jwk({ kty, n, e })), at(byId('A.2'), 'jws'))).to.equal('accepted');
    });

    it('A.5: an unsecured token is wrong_algorithm wherever a key is configured', () => {
      const token = text(at(byId('A.5'), 'jws'));
      for (const algorithm of SIGNED) {
        expect(verificationOf(codecOf(algorithm, signingKey(algorithm)), token)).to.equal('wrong_algorithm');
        expect(openingOf(storageOf(algorithm, signingKey(algorithm)), token)).to.equal('wrong_algorithm');
      }
      expect(verificationOf(codecOf('none'), token)).to.equal('accepted');
      expect(openingOf(storageOf('none'), token)).to.equal('invalid_claims');
    });

    it('E: an unknown crit is malformed even where unsecured tokens are taken (row 22)', () => {
      const token = text(at(byId('E'), 'jws'));
      expect(verificationOf(codecOf('none'), token)).to.equal('malformed');
      expect(openingOf(storageOf('none'), token)).to.equal('malformed');
      expect(verificationOf(codecOf('HS256', SECRET), token)).to.equal('wrong_algorithm');
      expect(openingOf(storageOf('HS256', SECRET), token)).to.equal('wrong_algorithm');
    });
  });

  describe('RFC 7520 (cookbook)', () => {
    const poem =
      "It’s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there’s no knowing where you might be swept off to.";

    for (const [name, algorithm] of [
      ['4_1.rsa_v15_signature', 'RS256'],
      ['4_2.rsa-pss_signature', 'PS384'],
      ['4_3.ecdsa_signature', 'ES512'],
      ['4_4.hmac-sha2_integrity_protection', 'HS256'],
    ] as const) {
      const file = read(`cookbook/jws/${name}.json`);
      it(`${name}: the compact form verifies with the key that its kid names, and is no session`, () => {
        const token = text(at(file, 'output', 'compact'));
        const key = jwk(at(file, 'input', 'key'));
        expect(payloadOf(algorithm, key, token)).to.equal(poem);
        expect(openingOf(storageOf(algorithm, key), token)).to.equal('invalid_claims');
      });

      it(`${name}: its JSON forms are malformed`, () => {
        const key = jwk(at(file, 'input', 'key'));
        for (const form of ['json', 'json_flat']) {
          const json = at(file, 'output', form);
          expect(json).to.be.an('object');
          expect(verificationOf(codecOf(algorithm, key), json)).to.equal('malformed');
          expect(verificationOf(codecOf(algorithm, key), JSON.stringify(json))).to.equal('malformed');
          expect(openingOf(storageOf(algorithm, key), JSON.stringify(json))).to.equal('malformed');
        }
      });
    }

    it('4_4: with a key of another kid it is unknown_key, though the secret is right', () => {
      const file = read('cookbook/jws/4_4.hmac-sha2_integrity_protection.json');
      const key = { ...Object(at(file, 'input', 'key')), kid: 'another' };
      expect(verificationOf(codecOf('HS256', jwk(key)), at(file, 'output', 'compact'))).to.equal('unknown_key');
    });

    it('4_5: detached content is malformed, compact and JSON', () => {
      const file = read('cookbook/jws/4_5.signature_with_detached_content.json');
      const key = jwk(at(file, 'input', 'key'));
      const forms = [
        at(file, 'output', 'compact'),
        ...['json', 'json_flat'].map((form) => JSON.stringify(at(file, 'output', form))),
      ];
      expect(forms[0]).to.match(/^[^.]+\.\.[^.]+$/);
      for (const form of forms) {
        expect(verificationOf(codecOf('HS256', key), form)).to.equal('malformed');
        expect(openingOf(storageOf('HS256', key), form)).to.equal('malformed');
      }
      // The same content attached verifies, so it is the form that is refused.
      const [header, , signature] = text(forms[0]).split('.');
      const attached = `${header}.${Buffer.from(poem).toString('base64url')}.${signature}`;
      expect(payloadOf('HS256', key, attached)).to.equal(poem);
    });

    for (const [name, forms] of [
      ['4_6.protecting_specific_header_fields', ['json', 'json_flat']],
      ['4_7.protecting_content_only', ['json', 'json_flat']],
      ['4_8.multiple_signatures', ['json']],
    ] as const) {
      it(`${name}: there is only a JSON form, and that is malformed`, () => {
        const file = read(`cookbook/jws/${name}.json`);
        const keys = at(file, 'input', 'key');
        const key = jwk(Array.isArray(keys) ? keys[2] : keys);
        for (const form of forms) {
          const json = at(file, 'output', form);
          expect(json).to.be.an('object');
          expect(verificationOf(codecOf('HS256', key), JSON.stringify(json))).to.equal('malformed');
          expect(openingOf(storageOf('HS256', key), JSON.stringify(json))).to.equal('malformed');
        }
      });
    }

    it('3_1, 3_3 and 3_5: the JWKs are imported, the first two verify only', () => {
      for (const [name, algorithm, signs] of [
        ['3_1.ec_public_key', 'ES512', false],
        ['3_3.rsa_public_key', 'RS256', false],
        ['3_5.symmetric_key_mac_computation', 'HS256', true],
      ] as const) {
        expect(codecOf(algorithm, jwk(read(`cookbook/jwk/${name}.json`))).canSign, name).to.equal(signs);
      }
      const token = at(read('cookbook/jws/4_3.ecdsa_signature.json'), 'output', 'compact');
      expect(verificationOf(codecOf('ES512', jwk(read('cookbook/jwk/3_1.ec_public_key.json'))), token)).to.equal(
        'accepted',
      );
      const signed = at(read('cookbook/jws/4_1.rsa_v15_signature.json'), 'output', 'compact');
      expect(verificationOf(codecOf('RS256', jwk(read('cookbook/jwk/3_3.rsa_public_key.json'))), signed)).to.equal(
        'accepted',
      );
    });

    it('3_6: a key for encryption is refused', () => {
      expect(() => untypedKeyring('HS256', [read('cookbook/jwk/3_6.symmetric_key_encryption.json')])).to.throw(
        TypeError,
        'not for HS256',
      );
    });
  });

  describe('RFC 7797 (b64=false, row 22)', () => {
    it('the compact form is malformed, by its header as well as by its payload', () => {
      const file = read('cookbook/rfc7797/hmac-sha2_b64_false.json');
      const key = jwk(at(file, 'input', 'key'));
      const token = text(at(file, 'output', 'compact'));
      expect(verificationOf(codecOf('HS256', key), token)).to.equal('malformed');
      expect(openingOf(storageOf('HS256', key), token)).to.equal('malformed');
      const encoded = `${token.split('.')[0]}.${Buffer.from('This is the payload string!').toString('base64url')}.${token.split('.')[2]}`;
      expect(verificationOf(codecOf('HS256', key), encoded)).to.equal('malformed');
    });

    it('the JSON forms are malformed', () => {
      for (const name of ['hmac-sha2_b64_false', '4.2.hmac-sha2_b64_false']) {
        const file = read(`cookbook/rfc7797/${name}.json`);
        for (const form of ['json', 'json_flat']) {
          const json = JSON.stringify(at(file, 'output', form));
          expect(verificationOf(codecOf('HS256', jwk(at(file, 'input', 'key'))), json)).to.equal('malformed');
        }
      }
    });
  });

  describe('RFC 8037 (curve25519)', () => {
    const file = read('cookbook/curve25519/jws.json');

    it('an EdDSA token is wrong_algorithm everywhere', () => {
      const token = text(at(file, 'output', 'compact'));
      for (const algorithm of SIGNED) {
        expect(verificationOf(codecOf(algorithm, signingKey(algorithm)), token)).to.equal('wrong_algorithm');
        expect(openingOf(storageOf(algorithm, signingKey(algorithm)), token)).to.equal('wrong_algorithm');
      }
    });

    it('its key is a TypeError everywhere', () => {
      for (const algorithm of SIGNED) {
        expect(() => untypedKeyring(algorithm, [at(file, 'input', 'key')]), algorithm).to.throw(
          TypeError,
          'jwtSecret: ',
        );
      }
    });
  });

  describe('keys of PyJWT (row 20)', () => {
    it('an HMAC key is taken for the algorithm that it names, and no other', () => {
      const key = read('pyjwt-keys/jwk_hmac.json');
      expect(codecOf('HS256', jwk(key)).canSign).to.equal(true);
      for (const algorithm of SIGNED) {
        if (algorithm !== 'HS256')
          expect(() => untypedKeyring(algorithm, [key])).to.throw(TypeError, `not for ${algorithm}`);
      }
    });

    it('public keys on P-256 and RSA verify only, for their own families', () => {
      for (const [name, good] of [
        ['jwk_ec_pub_P-256', ['ES256']],
        ['jwk_rsa_pub', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
      ] as const) {
        const key = read(`pyjwt-keys/${name}.json`);
        for (const algorithm of SIGNED) {
          if (good.some((one) => one === algorithm)) expect(codecOf(algorithm, jwk(key)).canSign).to.equal(false);
          else expect(() => untypedKeyring(algorithm, [key]), algorithm).to.throw(TypeError);
        }
      }
    });

    it('a key on secp256k1 is refused by every algorithm', () => {
      const key = read('pyjwt-keys/jwk_ec_pub_secp256k1.json');
      for (const algorithm of SIGNED) {
        const message = algorithm.startsWith('ES')
          ? 'on the curve'
          : algorithm.startsWith('HS')
            ? 'kty "oct"'
            : 'takes an RSA key';
        expect(() => untypedKeyring(algorithm, [key]), algorithm).to.throw(TypeError, message);
      }
    });

    it('sets of keys are refused, whether or not one of them would do', () => {
      for (const name of ['jwk_keyset_only_unknown_alg', 'jwk_keyset_with_unknown_alg']) {
        const set = read(`pyjwt-keys/${name}.json`);
        expect(at(set, 'keys')).to.be.an('array');
        for (const algorithm of SIGNED) {
          expect(() => untypedKeyring(algorithm, [set]), algorithm).to.throw(
            TypeError,
            'must be a string, bytes, a KeyObject, a JWK',
          );
        }
      }
    });

    it('of a set, the key for signatures is taken and the one for encryption is refused', () => {
      const keys = at(read('pyjwt-keys/jwk_keyset_with_unknown_alg.json'), 'keys');
      if (!Array.isArray(keys)) throw new Error('no keys');
      const judged = keys.map((key: unknown) => {
        try {
          untypedKeyring('RS256', [key]);
          return `${at(key, 'alg')} ${at(key, 'use')} taken`;
        } catch (error) {
          return `${at(key, 'alg')} ${at(key, 'use')} ${error instanceof TypeError ? 'refused' : 'broken'}`;
        }
      });
      expect(judged).to.have.members(['RS256 sig taken', 'RSA-OAEP enc refused']);
    });
  });
});
