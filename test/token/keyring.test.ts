import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ALGORITHMS } from '../../src/token/algorithm.js';
import type { KeyMaterial } from '../../src/token/key-import.js';
import { Keyring, type Secret } from '../../src/token/keyring.js';
import { forge, parts } from '../support/forge.js';
import {
  OTHER_P256,
  OTHER_RSA,
  OTHER_SECRET,
  P256,
  P384,
  pem,
  RSA,
  SECRET,
  SIGNED,
  type SignedAlgorithm,
  signingKey,
} from '../support/keys.js';
import { errorOf, openingOf } from '../support/outcomes.js';
import { claims, NOW, untypedKeyring, untypedStorage, warningsDuring } from '../support/token-fixtures.js';

const THIRD_SECRET = Buffer.alloc(64, 'third');

function storageWith(jwtSecret: Secret | readonly Secret[], jwtAlgorithm: SignedAlgorithm = 'HS256'): SessionStorage {
  return new SessionStorage({ jwtSecret, jwtAlgorithm, clock: new FakeClock(NOW) });
}

function sidFrom(storage: SessionStorage): string {
  return storage.create({}).forClient();
}

/** A session token under a key, naming it or not. */
function tokenOf(key: Buffer, kid?: unknown): string {
  return forge({ as: 'HS256', key, header: { alg: 'HS256', kid }, payload: claims() });
}

function refusedRing(algorithm: unknown, secrets: readonly unknown[], message: string | RegExp): void {
  expect(() => untypedKeyring(algorithm, secrets)).to.throw(TypeError, message);
}

describe('Keyring', () => {
  describe('signing and verifying', () => {
    const bare: readonly (readonly [string, KeyMaterial])[] = [
      ['a string', 'a secret of 32 bytes and a few more'],
      ['a Buffer', SECRET],
      ['a Uint8Array', new Uint8Array(SECRET)],
      ['a KeyObject', createSecretKey(SECRET)],
      ['a JWK', { kty: 'oct', k: SECRET.toString('base64url') }],
    ];
    for (const [name, secret] of bare) {
      it(`signs and verifies with ${name}, alone, in a list, and named`, () => {
        for (const jwtSecret of [
          secret,
          [secret],
          { kid: 'k1', secret },
          [{ kid: 'k1', secret, algorithm: 'HS256' as const }],
        ]) {
          const storage = storageWith(jwtSecret);
          expect(openingOf(storage, sidFrom(storage))).to.equal('opened');
        }
      });
    }

    it('reads all forms of one secret as the same key', () => {
      const text = 'a secret of 32 bytes and a few more';
      const bytes = Buffer.from(text);
      const forms: readonly Secret[] = [
        text,
        bytes,
        new Uint8Array(bytes),
        createSecretKey(bytes),
        { kty: 'oct', k: bytes.toString('base64url') },
        { kid: 'k1', secret: text, algorithm: 'HS256' },
      ];
      for (const one of forms) {
        for (const other of forms) expect(openingOf(storageWith(other), sidFrom(storageWith(one)))).to.equal('opened');
      }
    });

    it('signs with the first key and verifies with all', () => {
      const both = storageWith([SECRET, OTHER_SECRET]);
      expect(openingOf(storageWith(SECRET), sidFrom(both))).to.equal('opened');
      expect(openingOf(storageWith(OTHER_SECRET), sidFrom(both))).to.equal('bad_signature');
      expect(openingOf(both, sidFrom(storageWith(OTHER_SECRET)))).to.equal('opened');
      expect(openingOf(both, sidFrom(storageWith(THIRD_SECRET)))).to.equal('bad_signature');
    });

    it('mixes all forms in one list', () => {
      const ring: readonly Secret[] = [
        'one '.repeat(16),
        OTHER_SECRET,
        createSecretKey(SECRET),
        { kid: 'k4', secret: THIRD_SECRET },
      ];
      for (const secret of ring) {
        expect(openingOf(storageWith(ring), sidFrom(storageWith(secret)))).to.equal('opened');
      }
    });

    it('keeps tokens of the old key valid when a new one goes to the front, with and without kid (row 30)', () => {
      const before: readonly Secret[] = [SECRET, { kid: 'old', secret: SECRET }];
      const added: readonly Secret[] = [OTHER_SECRET, { kid: 'new', secret: OTHER_SECRET }];
      for (const old of before) {
        for (const first of added) {
          const rotated = storageWith([first, old]);
          expect(openingOf(rotated, sidFrom(storageWith(old)))).to.equal('opened');
          expect(openingOf(rotated, sidFrom(rotated))).to.equal('opened');
          expect(openingOf(storageWith(old), sidFrom(rotated))).to.be.oneOf(['bad_signature', 'unknown_key']);
        }
      }
    });

    it('keeps tokens from before the keys had names', () => {
      const nameless = sidFrom(storageWith(SECRET));
      expect(
        openingOf(
          storageWith([
            { kid: 'b', secret: OTHER_SECRET },
            { kid: 'a', secret: SECRET },
          ]),
          nameless,
        ),
      ).to.equal('opened');
    });

    it('writes the kid of the signing key, or none', () => {
      expect(parts(sidFrom(storageWith([{ kid: 'k1', secret: SECRET }, OTHER_SECRET]))).header).to.deep.equal({
        alg: 'HS256',
        typ: 'session+jwt',
        kid: 'k1',
      });
      expect(parts(sidFrom(storageWith([SECRET, { kid: 'k1', secret: OTHER_SECRET }]))).header).to.deep.equal({
        alg: 'HS256',
        typ: 'session+jwt',
      });
      const jwk = { kty: 'oct', k: SECRET.toString('base64url'), kid: 'someone@example.org' };
      expect(parts(sidFrom(storageWith(jwk))).header).to.deep.include({ kid: 'someone@example.org' });
    });
  });

  describe('the kid of a token', () => {
    const ring = [
      { kid: 'k1', secret: SECRET },
      { kid: 'k2', secret: OTHER_SECRET },
    ];

    it('picks the key, and no other is tried', () => {
      expect(openingOf(storageWith(ring), tokenOf(SECRET, 'k1'))).to.equal('opened');
      expect(openingOf(storageWith(ring), tokenOf(OTHER_SECRET, 'k2'))).to.equal('opened');
      expect(openingOf(storageWith(ring), tokenOf(SECRET, 'k2'))).to.equal('bad_signature');
      expect(openingOf(storageWith(ring), tokenOf(OTHER_SECRET, 'k1'))).to.equal('bad_signature');
    });

    it('finds no key when it is unknown: there is no fallback to the others (row 30, CVE-2025-65945)', () => {
      const unknown = [
        'k3',
        'K1',
        'k1 ',
        ' k1',
        'k',
        'k11',
        '',
        '*',
        '../k1',
        "k1' OR '1'='1",
        '__proto__',
        'constructor',
        '0',
      ];
      for (const kid of unknown) {
        for (const key of [SECRET, OTHER_SECRET]) {
          expect(openingOf(storageWith(ring), tokenOf(key, kid)), kid).to.equal('unknown_key');
        }
      }
    });

    it('finds no key when it is no string, whatever that would be as one', () => {
      for (const kid of [null, 0, 1, true, ['k1'], { toString: 'k1' }, {}, [['k1']]]) {
        expect(openingOf(storageWith(ring), tokenOf(SECRET, kid)), JSON.stringify(kid)).to.equal('unknown_key');
      }
    });

    it('may be absent, then any of the keys may have signed', () => {
      for (const key of [SECRET, OTHER_SECRET]) expect(openingOf(storageWith(ring), tokenOf(key))).to.equal('opened');
      expect(openingOf(storageWith(ring), tokenOf(THIRD_SECRET))).to.equal('bad_signature');
    });

    it('finds no key among nameless ones as long as any has a name', () => {
      const mixed = storageWith([SECRET, { kid: 'k2', secret: OTHER_SECRET }]);
      expect(openingOf(mixed, tokenOf(SECRET, 'k1'))).to.equal('unknown_key');
      expect(openingOf(mixed, tokenOf(SECRET))).to.equal('opened');
    });

    it('does not matter when no key has a name to go by', () => {
      expect(openingOf(storageWith([SECRET, OTHER_SECRET]), tokenOf(OTHER_SECRET, 'anything'))).to.equal('opened');
    });

    it('of a token cannot bring key A together with the algorithm of key B (CVE-2022-23541)', () => {
      const storage = storageWith([{ kid: 'rsa', secret: RSA.privateKey }], 'RS256');
      for (const [as, key] of [
        ['PS256', RSA.privateKey],
        ['HS256', Buffer.from(pem(RSA.publicKey))],
        ['ES256', P256.privateKey],
      ] as const) {
        const token = forge({ as, key, header: { alg: as, kid: 'rsa' }, payload: claims() });
        expect(openingOf(storage, token)).to.equal('wrong_algorithm');
      }
    });
  });

  describe('what is refused when it is made', () => {
    it('refuses two keys with one kid (row 20)', () => {
      const message = 'two keys have the same kid';
      refusedRing(
        'HS256',
        [
          { kid: 'k', secret: SECRET },
          { kid: 'k', secret: OTHER_SECRET },
        ],
        message,
      );
      refusedRing('HS256', [{ kid: 'k', secret: SECRET }, OTHER_SECRET, { kid: 'k', secret: SECRET }], message);
      refusedRing(
        'HS256',
        [
          { kid: 'k', secret: SECRET },
          { kty: 'oct', k: 'c2VjcmV0', kid: 'k' },
        ],
        message,
      );
      expect(() =>
        untypedKeyring('HS256', [
          { kid: 'k', secret: SECRET },
          { kid: 'K', secret: SECRET },
        ]),
      ).not.to.throw();
    });

    it('refuses kids outside A-Z a-z 0-9 _ - or over 64 characters (jsonwebtoken: non-ASCII kid)', () => {
      for (const kid of [
        '',
        ' ',
        'a b',
        'k1\n',
        'k\0',
        'é',
        '😀',
        'a/b',
        '../a',
        'a'.repeat(65),
        5,
        null,
        undefined,
        ['k'],
        {},
      ]) {
        refusedRing('HS256', [{ kid, secret: SECRET }], 'kid must be 1 to 64 of the characters A-Z a-z 0-9 _ -');
      }
      for (const kid of ['a', 'A-Z_0-9', 'a'.repeat(64)])
        expect(() => untypedKeyring('HS256', [{ kid, secret: SECRET }])).not.to.throw();
    });

    it('refuses a JWK whose kid would be mangled in a header (jsonwebtoken: non-ASCII kid)', () => {
      for (const kid of ['', 'é', 'a b', 'k\n', 'a'.repeat(129)]) {
        refusedRing('HS256', [{ kty: 'oct', k: SECRET.toString('base64url'), kid }], 'kid must be printable ASCII');
      }
    });

    it('refuses unknown names beside a kid and a secret', () => {
      refusedRing('HS256', [{ kid: 'k', secret: SECRET, alg: 'HS256' }], 'unknown name "alg"');
      refusedRing('HS256', [{ kid: 'k', secret: SECRET, kty: 'oct' }], 'unknown name "kty"');
    });

    it('refuses a kid without a secret and a secret without a kid', () => {
      refusedRing('HS256', [{ kid: 'k' }], /must be a string, bytes, a KeyObject, a JWK, or \{ kid, secret \}/);
      refusedRing('HS256', [{ secret: 's' }], /must be a string, bytes/);
      for (const secret of [
        undefined,
        null,
        '',
        0,
        Buffer.alloc(0),
        createSecretKey(Buffer.alloc(0)),
        { kid: 'k', secret: 's' },
        [SECRET],
      ]) {
        refusedRing('HS256', [{ kid: 'k', secret }], /jwtSecret\.secret/);
      }
    });

    it('refuses a key for another algorithm than that of the storage: all serve one (RFC 8725 section 3.1)', () => {
      for (const algorithm of ['HS512', 'RS256', 'none', 'hs256', '', null]) {
        refusedRing('HS256', [{ kid: 'k', secret: SECRET, algorithm }], 'algorithm is not HS256');
      }
    });

    it('says which of several keys is wrong', () => {
      refusedRing('HS256', [SECRET, ''], 'jwtSecret[1] is empty');
      refusedRing('HS256', [SECRET, { kid: 'k', secret: '' }], 'jwtSecret[1].secret is empty');
      refusedRing('HS256', [''], /^jwtSecret is empty/);
    });

    it('refuses an empty secret anywhere in the list (row 20, GHSA-8wpc-h4q6-8fxv)', () => {
      for (const empty of [
        '',
        Buffer.alloc(0),
        new Uint8Array(0),
        createSecretKey(Buffer.alloc(0)),
        { kty: 'oct', k: '' },
      ]) {
        for (const ring of [[empty], [SECRET, empty], [empty, SECRET], [{ kid: 'k', secret: empty }]]) {
          refusedRing('HS256', ring, 'is empty');
        }
      }
    });

    it('refuses keys of several families in one list (row 20)', () => {
      refusedRing('RS256', [RSA.privateKey, SECRET], 'jwtSecret[1]');
      refusedRing('HS256', [SECRET, RSA.publicKey], 'jwtSecret[1]');
      refusedRing('ES256', [P256.privateKey, RSA.privateKey], 'jwtSecret[1]');
      refusedRing('ES256', [P256.privateKey, P384.publicKey], 'jwtSecret[1]');
    });

    it('refuses an empty list, and any list for the algorithm none', () => {
      for (const algorithm of ALGORITHMS) refusedRing(algorithm, [], 'at least one key is needed');
      refusedRing('none', [SECRET], 'at least one key is needed');
    });
  });

  describe('public keys', () => {
    it('make a storage that verifies and cannot issue', () => {
      for (const [algorithm, pair] of [
        ['RS256', RSA],
        ['PS512', RSA],
        ['ES256', P256],
      ] as const) {
        const sid = sidFrom(storageWith(pair.privateKey, algorithm));
        for (const secret of [pair.publicKey, pem(pair.publicKey), { kid: 'k', secret: pair.publicKey }]) {
          const reader = storageWith(secret, algorithm);
          expect(openingOf(reader, sid)).to.equal('opened');
          expect(() => reader.create({}).forClient()).to.throw(
            TypeError,
            'this storage verifies tokens and cannot issue any',
          );
        }
      }
    });

    it('may follow a private one, and then verify only', () => {
      const storage = storageWith([OTHER_RSA.privateKey, RSA.publicKey], 'RS256');
      expect(openingOf(storage, sidFrom(storageWith(RSA.privateKey, 'RS256')))).to.equal('opened');
      expect(openingOf(storageWith(OTHER_RSA.publicKey, 'RS256'), sidFrom(storage))).to.equal('opened');
    });

    it('first and a private one behind is a TypeError: the first signs', () => {
      refusedRing('RS256', [RSA.publicKey, OTHER_RSA.privateKey], 'the first key signs, so it must be a private key');
      refusedRing('ES256', [{ kid: 'a', secret: P256.publicKey }, OTHER_P256.privateKey], 'the first key signs');
      expect(() => untypedKeyring('RS256', [RSA.publicKey, OTHER_RSA.publicKey])).not.to.throw();
    });

    it('never open what a key of another pair signed', () => {
      expect(
        openingOf(storageWith(OTHER_RSA.publicKey, 'RS256'), sidFrom(storageWith(RSA.privateKey, 'RS256'))),
      ).to.equal('bad_signature');
      expect(
        openingOf(storageWith(OTHER_P256.publicKey, 'ES256'), sidFrom(storageWith(P256.privateKey, 'ES256'))),
      ).to.equal('bad_signature');
    });
  });

  describe('short secrets (decision 2, RFC 7518 section 3.2)', () => {
    it('draw one warning with a code for each storage, however many keys are short', async () => {
      const warnings = await warningsDuring(() => {
        storageWith(['short', 'shorter', { kid: 'k', secret: 'x' }]);
        storageWith(Buffer.alloc(47, 1), 'HS384');
      });
      expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_SHORT_SECRET', 'SESSIONS_SHORT_SECRET']);
      expect(warnings[0]?.message).to.contain('shorter than the 256 bits');
      expect(warnings[1]?.message).to.contain('shorter than the 384 bits');
    });

    it('still sign and verify', () => {
      const storage = storageWith('x');
      expect(openingOf(storage, sidFrom(storage))).to.equal('opened');
    });

    it('are those below the length of the hash, to the byte, in every form', () => {
      for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
        const bytes = Number(algorithm.slice(2)) / 8;
        for (const length of [bytes - 1, bytes, bytes + 1]) {
          const secret = Buffer.alloc(length, 7);
          const forms: readonly Secret[] = [
            secret,
            createSecretKey(secret),
            { kty: 'oct', k: secret.toString('base64url') },
            secret.toString('latin1'),
          ];
          for (const form of forms) {
            expect(new Keyring(algorithm, [form]).warning === undefined, `${algorithm} ${length}`).to.equal(
              length >= bytes,
            );
          }
        }
      }
    });

    it('are counted in bytes, not in characters', () => {
      expect(new Keyring('HS256', ['é'.repeat(16)]).warning).to.equal(undefined);
    });

    it('do not exist among asymmetric keys', () => {
      for (const algorithm of SIGNED.slice(3))
        expect(new Keyring(algorithm, [signingKey(algorithm)]).warning).to.equal(undefined);
    });

    it('are not shown in the warning', async () => {
      const [warning] = await warningsDuring(() => storageWith({ kid: 'name-of-it', secret: 'swordfish' }));
      expect(warning?.message).not.to.match(/swordfish|name-of-it/);
    });
  });

  it('shows no key material in any error', () => {
    const secret = 'correct horse battery staple';
    const rings: readonly (readonly [unknown, readonly unknown[]])[] = [
      ['HS256', [{ kid: `${secret}!`, secret }]],
      ['HS256', [{ kid: 'k', secret, algorithm: secret }]],
      ['HS256', [{ kid: 'k', secret: [secret] }]],
      [
        'HS256',
        [
          { kid: 'k', secret },
          { kid: 'k', secret: `${secret} too` },
        ],
      ],
      ['RS256', [{ kid: 'k', secret }]],
      ['HS256', [{ kid: 'k', secret: { kty: 'oct', k: secret } }]],
      ['HS256', [{ kty: 'oct', k: 'c2VjcmV0', kid: `é${secret}` }]],
      ['none', [secret]],
      [secret, [secret]],
    ];
    for (const [algorithm, ring] of rings) {
      expect(String(errorOf(() => untypedKeyring(algorithm, ring)).stack)).not.to.contain(secret);
      const error = errorOf(() => untypedStorage({ jwtAlgorithm: algorithm, jwtSecret: ring }));
      expect(error).to.be.instanceOf(TypeError);
      expect(String(error.stack)).not.to.contain(secret);
    }
  });
});

describe('SessionStorage.replaceKeys (rows 30 to 32)', () => {
  it('signs with the new key at once and still opens tokens of the old one', () => {
    const storage = storageWith({ kid: 'old', secret: SECRET });
    const old = sidFrom(storage);
    storage.replaceKeys([
      { kid: 'new', secret: OTHER_SECRET },
      { kid: 'old', secret: SECRET },
    ]);
    expect(openingOf(storage, old)).to.equal('opened');
    expect(parts(sidFrom(storage)).header).to.deep.include({ kid: 'new' });
    expect(openingOf(storage, sidFrom(storage))).to.equal('opened');
  });

  it('refuses tokens of a key that is gone at once, those remembered included (row 32)', () => {
    const storage = storageWith({ kid: 'old', secret: SECRET });
    const old = sidFrom(storage);
    for (let times = 0; times < 3; times += 1) expect(openingOf(storage, old)).to.equal('opened');
    storage.replaceKeys({ kid: 'new', secret: OTHER_SECRET });
    expect(openingOf(storage, old)).to.equal('unknown_key');
    storage.replaceKeys(OTHER_SECRET);
    expect(openingOf(storage, old)).to.equal('bad_signature');
  });

  it('keeps the old keys when one of the new ones is wrong', () => {
    const storage = storageWith(SECRET);
    const sid = sidFrom(storage);
    const replaceKeys = (jwtSecret: unknown): unknown => Reflect.apply(storage.replaceKeys, storage, [jwtSecret]);
    for (const wrong of [
      undefined,
      null,
      '',
      [],
      [OTHER_SECRET, ''],
      [RSA.publicKey],
      [OTHER_SECRET, pem(RSA.publicKey)],
      5,
    ]) {
      expect(() => replaceKeys(wrong)).to.throw(TypeError, /jwtSecret/);
      expect(openingOf(storage, sid)).to.equal('opened');
      expect(openingOf(storageWith(SECRET), sidFrom(storage))).to.equal('opened');
    }
  });

  it('is a TypeError for a storage of unsigned tokens', () => {
    const storage = new SessionStorage({ jwtAlgorithm: 'none' });
    expect(() => storage.replaceKeys(SECRET)).to.throw(TypeError, "'none' takes no jwtSecret");
  });

  it('keeps the algorithm', () => {
    const storage = storageWith(SECRET);
    storage.replaceKeys(OTHER_SECRET);
    expect(openingOf(storage, forge({ as: 'HS512', key: OTHER_SECRET, payload: claims() }))).to.equal(
      'wrong_algorithm',
    );
  });

  it('in two nodes, in either order, refuses no valid token: first verify with the new key, then sign with it (row 31)', () => {
    const old = { kid: 'old', secret: SECRET };
    const fresh = { kid: 'new', secret: OTHER_SECRET };
    const phases: readonly (readonly Secret[])[] = [[old], [old, fresh], [fresh, old]];
    for (const order of [
      [0, 1, 0, 1],
      [0, 1, 1, 0],
      [1, 0, 0, 1],
      [1, 0, 1, 0],
    ]) {
      const nodes = [storageWith(old), storageWith(old)];
      const reached = [0, 0];
      const issued: string[] = [];
      const check = (): void => {
        for (const node of nodes) issued.push(sidFrom(node));
        for (const node of nodes) for (const sid of issued) expect(openingOf(node, sid)).to.equal('opened');
      };
      check();
      for (const index of order) {
        const phase = (reached[index] ?? 0) + 1;
        reached[index] = phase;
        nodes[index]?.replaceKeys(phases[phase] ?? []);
        check();
      }
    }
  });

  it('lets a session opened under the old key be issued anew under the new one', () => {
    const storage = new SessionStorage<{ visits?: number }>({
      jwtSecret: { kid: 'old', secret: SECRET },
      jwtAlgorithm: 'HS256',
      clock: new FakeClock(NOW),
    });
    const session = storage.get(storage.create({}).forClient());
    storage.replaceKeys({ kid: 'new', secret: OTHER_SECRET });
    session.sessionData.visits = 1;
    const sid = session.save().forClient();
    expect(parts(sid).header).to.deep.include({ kid: 'new' });
    expect(storage.get(sid).sessionData).to.deep.equal({ visits: 1 });
  });
});
