import { createSecretKey, sign } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { RevocationList, SessionStorage, SessionTooLarge } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ALGORITHMS } from '../../src/token/algorithm.js';
import { LONGEST_TOKEN } from '../../src/token/compact-form.js';
import { Refusal } from '../../src/token/refusal.js';
import { forge, parts, segment } from '../support/forge.js';
import { OTHER_SECRET, P256, P384, P521, publicForms, RSA, SECRET, SIGNED, signingKey } from '../support/keys.js';
import { errorOf, openingOf, verificationOf } from '../support/outcomes.js';
import { claims, codecOf, NOW, untypedStorage } from '../support/token-fixtures.js';

const hs256 = codecOf('HS256', SECRET);

function hs256Token(payload: unknown, header: unknown = { alg: 'HS256' }): string {
  return forge({ as: 'HS256', key: SECRET, header, payload });
}

/** The text with one of its bits flipped, for each bit of the bytes that a segment stands for. */
function* flippedBits(text: string): Generator<string> {
  const bytes = Buffer.from(text, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield changed.toString('base64url');
  }
}

describe('Codec', () => {
  describe('signs', () => {
    for (const algorithm of SIGNED) {
      it(`${algorithm} and verifies what it signed`, () => {
        const codec = codecOf(algorithm, signingKey(algorithm));
        const token = codec.sign('{"a":1}');
        expect(codec.verify(token)).to.deep.equal({ token, payload: { a: 1 } });
        expect(parts(token).header).to.deep.equal({ alg: algorithm, typ: 'session+jwt' });
      });
    }

    it('nothing longer than 16384 characters, and says how much fits', () => {
      const roomFor = (length: number): number => hs256.sign('x'.repeat(length)).length;
      let length = 12_000;
      while (roomFor(length + 1) <= LONGEST_TOKEN - 4) length += 1;
      const longest = hs256.sign('x'.repeat(length));
      expect(verificationOf(hs256, longest)).to.equal('accepted');
      expect(() => hs256.sign('x'.repeat(length + 6)))
        .to.throw(SessionTooLarge)
        .with.property('limit', LONGEST_TOKEN);
      const error = errorOf(() => hs256.sign('swordfish'.repeat(2000)));
      expect(error).to.be.instanceOf(SessionTooLarge);
      expect(error.message).not.to.contain('swordfish');
    });
  });

  it('says missing for nothing at all and malformed for what is no string (row 67)', () => {
    for (const nothing of [undefined, null, '']) expect(verificationOf(hs256, nothing)).to.equal('missing');
    const token = hs256.sign('{}');
    for (const other of [0, 1, true, {}, [token], Buffer.from(token), Object(token), () => token, Symbol('t'), 1n]) {
      expect(verificationOf(hs256, other)).to.equal('malformed');
    }
    expect(verificationOf(hs256, { toString: () => token, length: token.length })).to.equal('malformed');
  });

  it('gives the same answer for the same token a thousand times (CVE-2026-35040)', () => {
    const good = hs256.sign('{}');
    const bad = `${good.slice(0, -1)}${good.endsWith('A') ? 'E' : 'A'}`;
    const answers = new Set<string>();
    for (let times = 0; times < 1000; times += 1)
      answers.add(`${verificationOf(hs256, good)} ${verificationOf(hs256, bad)}`);
    expect([...answers]).to.deep.equal(['accepted bad_signature']);
  });

  describe('algorithm pin (rows 18, 21; RFC 8725 section 3.1)', () => {
    it('takes a token of its own algorithm and of no other, each signed as its header says', () => {
      for (const own of SIGNED) {
        const codec = codecOf(own, signingKey(own));
        for (const as of SIGNED) {
          const token = forge({ as, key: signingKey(as), payload: claims() });
          expect(verificationOf(codec, token), `${as} for ${own}`).to.equal(
            as === own ? 'accepted' : 'wrong_algorithm',
          );
        }
      }
    });

    it('lower-case hs256, NoNe and all other spellings of an algorithm are refused, though the MAC is right (jsonwebtoken)', () => {
      for (const own of SIGNED) {
        const codec = codecOf(own, signingKey(own));
        const spellings = [
          own.toLowerCase(),
          `${own[0]}${own.slice(1).toLowerCase()}`,
          ` ${own}`,
          `${own} `,
          `${own}\0`,
          `${own}\n`,
        ];
        const others = [
          ...spellings,
          own.slice(0, -1),
          `${own}0`,
          'EdDSA',
          'ES256K',
          'HS1',
          'HS224',
          'RSA-OAEP',
          'dir',
          '',
        ];
        for (const alg of [...others, null, 0, true, [own], { toString: own }, undefined]) {
          const token = forge({ as: own, key: signingKey(own), header: { alg }, payload: claims() });
          expect(verificationOf(codec, token), `${own}: ${JSON.stringify(alg)}`).to.equal('wrong_algorithm');
        }
      }
    });

    it('none with key is refused in all its spellings, with and without a signature (jsonwebtoken; CVE-2022-23540)', () => {
      for (const own of SIGNED) {
        const codec = codecOf(own, signingKey(own));
        for (const alg of ['none', 'None', 'NONE', 'nOnE', 'NoNe', 'none ']) {
          expect(verificationOf(codec, forge({ as: 'none', header: { alg }, payload: claims() }))).to.equal(
            'wrong_algorithm',
          );
          const signed = forge({ as: own, key: signingKey(own), header: { alg }, payload: claims() });
          expect(verificationOf(codec, signed)).to.equal('wrong_algorithm');
        }
        const stripped = forge({ as: 'none', header: { alg: own }, payload: claims() });
        expect(verificationOf(codec, stripped), own).to.equal('bad_signature');
      }
    });

    it('of none takes unsigned tokens alone', () => {
      const unsigned = codecOf('none');
      expect(verificationOf(unsigned, forge({ as: 'none', payload: {} }))).to.equal('accepted');
      expect(verificationOf(unsigned, unsigned.sign('{}'))).to.equal('accepted');
      expect(verificationOf(unsigned, `${forge({ as: 'none', payload: {} })}AAAA`)).to.equal('bad_signature');
      for (const alg of ['None', 'NONE', 'nOnE', 'HS256', '']) {
        expect(verificationOf(unsigned, forge({ as: 'none', header: { alg }, payload: {} })), alg).to.equal(
          'wrong_algorithm',
        );
      }
      for (const as of SIGNED) {
        expect(verificationOf(unsigned, forge({ as, key: signingKey(as), payload: {} }))).to.equal('wrong_algorithm');
      }
    });

    it('is what the storage is told, of the thirteen names and no other spelling', () => {
      for (const jwtAlgorithm of ['hs256', 'HS256 ', 'None', 'NONE', 'EdDSA', 'ES256K', '', null, ['HS256'], 0]) {
        expect(() => untypedStorage({ jwtSecret: SECRET, jwtAlgorithm }), String(jwtAlgorithm)).to.throw(
          TypeError,
          'jwtAlgorithm',
        );
      }
      expect(ALGORITHMS).to.deep.equal([...SIGNED, 'none']);
    });

    it('refuses a JWE, five segments, by its header alone (CVE-2023-51774, CVE-2024-28176)', () => {
      const jwe = `${segment({ alg: 'dir', enc: 'A256GCM', zip: 'DEF', typ: 'session+jwt' })}..AAAA.AAAA.AAAA`;
      const full = `${segment({ alg: 'PBES2-HS256+A128KW', p2c: 2_147_483_647, enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA`;
      for (const own of SIGNED) {
        expect(verificationOf(codecOf(own, signingKey(own)), jwe)).to.equal('malformed');
        expect(verificationOf(codecOf(own, signingKey(own)), full)).to.equal('wrong_algorithm');
      }
    });
  });

  describe('key confusion (row 19; CVE-2015-9235, CVE-2023-48223, CVE-2026-34950)', () => {
    for (const [own, pair] of [
      ['RS256', RSA],
      ['PS256', RSA],
      ['ES256', P256],
      ['ES384', P384],
      ['ES512', P521],
    ] as const) {
      for (const [name, form] of publicForms(pair.publicKey)) {
        it(`${own}: no HMAC made with the public key passes, taken as ${name}`, () => {
          for (const secret of [pair.publicKey, pair.privateKey]) {
            const codec = codecOf(own, secret);
            for (const as of ['HS256', 'HS384', 'HS512'] as const) {
              const token = forge({ as, key: form, payload: claims() });
              // Made well, so that nothing but the algorithm can be what is wrong with it.
              expect(jwt.verify(token, createSecretKey(form), { algorithms: [as] })).to.deep.equal(claims());
              expect(verificationOf(codec, token)).to.equal('wrong_algorithm');
              const disguised = forge({ as, key: form, header: { alg: own }, payload: claims() });
              expect(verificationOf(codec, disguised)).to.equal('bad_signature');
            }
          }
        });
      }
    }

    it('RSA and RSA-PSS signatures of one key are not taken for one another', () => {
      for (const [own, as] of [
        ['RS256', 'PS256'],
        ['PS256', 'RS256'],
      ] as const) {
        const token = forge({ as, key: RSA.privateKey, header: { alg: own }, payload: claims() });
        expect(verificationOf(codecOf(own, RSA.privateKey), token)).to.equal('bad_signature');
      }
    });

    it('an ECDSA signature in DER form is not taken for the form that JWS has', () => {
      const raw = forge({ as: 'ES256', key: P256.privateKey, payload: claims() });
      const input = raw.slice(0, raw.lastIndexOf('.'));
      const der = signInDer(input);
      expect(verificationOf(codecOf('ES256', P256.privateKey), `${input}.${der}`)).to.equal('bad_signature');
    });
  });

  describe('signatures', () => {
    for (const algorithm of ['HS256', 'HS512', 'RS256', 'PS256', 'ES256'] as const) {
      it(`refuses a token of ${algorithm} with any one bit flipped in header, payload or signature (row 25)`, () => {
        const codec = codecOf(algorithm, signingKey(algorithm));
        const token = codec.sign(JSON.stringify({ jti: 'a', uid: 'u1' }));
        const segments = token.split('.');
        for (const [index, original] of segments.entries()) {
          for (const flipped of flippedBits(original)) {
            const changed = segments.with(index, flipped).join('.');
            expect(verificationOf(codec, changed), `segment ${index}`).not.to.equal('accepted');
          }
        }
        expect(verificationOf(codec, token)).to.equal('accepted');
      }).timeout(20_000);
    }

    it('refuses a signature of another length for each algorithm, the empty one included', () => {
      for (const algorithm of SIGNED) {
        const codec = codecOf(algorithm, signingKey(algorithm));
        const token = codec.sign('{}');
        const [header = '', payload = '', signature = ''] = token.split('.');
        const bytes = Buffer.from(signature, 'base64url');
        const others = [
          bytes.subarray(1),
          bytes.subarray(0, -1),
          Buffer.concat([bytes, bytes]),
          Buffer.concat([bytes, Buffer.alloc(1)]),
        ];
        for (const other of [
          ...others,
          Buffer.concat([Buffer.alloc(1), bytes]),
          Buffer.alloc(bytes.length),
          Buffer.alloc(0),
        ]) {
          const changed = `${header}.${payload}.${other.toString('base64url')}`;
          expect(verificationOf(codec, changed), `${algorithm} ${other.length}`).to.equal('bad_signature');
        }
      }
    });

    it('of many keys finds the one that signed', () => {
      const secrets = Array.from({ length: 10 }, (_, i) => String(i).repeat(32));
      const codec = codecOf('HS256', ...secrets);
      const token = forge({ as: 'HS256', key: Buffer.from(secrets[7] ?? ''), payload: { a: 1 } });
      expect(codec.verify(token)).to.have.property('payload').that.deep.equals({ a: 1 });
    });

    it('refuses what another secret signed', () => {
      expect(verificationOf(hs256, forge({ as: 'HS256', key: OTHER_SECRET, payload: {} }))).to.equal('bad_signature');
      expect(verificationOf(hs256, forge({ as: 'HS256', key: Buffer.alloc(0), payload: {} }))).to.equal(
        'bad_signature',
      );
    });

    it('refuses a signature under another header or payload', () => {
      const [header = '', payload = '', signature = ''] = hs256.sign('{"uid":"u1"}').split('.');
      const [otherHeader = '', otherPayload = ''] = hs256Token({ uid: 'u2' }).split('.');
      expect(verificationOf(hs256, `${header}.${otherPayload}.${signature}`)).to.equal('bad_signature');
      expect(verificationOf(hs256, `${otherHeader}.${payload}.${signature}`)).to.equal('bad_signature');
    });

    it('of the mirrored ECDSA value (r, n - s) open the same session, so revocation names the session and not the token (row 14)', async () => {
      const clock = new FakeClock(NOW);
      const storage = new SessionStorage({
        jwtSecret: P256.privateKey,
        jwtAlgorithm: 'ES256',
        clock,
        revocations: new RevocationList({ clock }),
      });
      const sid = storage.create({}).setUser('u1').forClient();
      const twin = mirrored(sid);
      expect(twin).not.to.equal(sid);
      expect(storage.get(twin).id).to.equal(storage.get(sid).id);
      await storage.revoke({ sid });
      expect(openingOf(storage, sid)).to.equal('revoked');
      expect(openingOf(storage, twin)).to.equal('revoked');
    });

    it('any altered character of a token makes it refused, remembered or not (property)', () => {
      const storage = new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'HS256', clock: new FakeClock(NOW) });
      const sid = storage.create({}).setUser('u1').forClient();
      for (let times = 0; times < 3; times += 1) expect(openingOf(storage, sid)).to.equal('opened');
      fc.assert(
        fc.property(fc.nat(sid.length - 1), fc.string({ unit: 'binary', maxLength: 3 }), fc.nat(3), (at, text, cut) => {
          const altered = sid.slice(0, at) + text + sid.slice(at + cut);
          expect(openingOf(storage, altered) === 'opened').to.equal(altered === sid);
        }),
        { numRuns: 1000 },
      );
    });
  });

  describe('payloads', () => {
    it('any payload passes the signature layer, and is refused as claims unless it is an object (jsonwebtoken)', () => {
      const storage = new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'HS256', clock: new FakeClock(NOW) });
      const payloads = ['"text"', '[]', '[{"jti":"a"}]', '5', 'true', 'null', 'text that is no JSON', '{"jti":', '\0'];
      for (const payload of [...payloads, Buffer.from([0xff, 0xfe])]) {
        for (const typ of [undefined, 'JWT', 'session+jwt']) {
          const token = hs256Token(payload, { alg: 'HS256', typ });
          expect(verificationOf(hs256, token)).to.equal('accepted');
          expect(openingOf(storage, token)).to.equal('invalid_claims');
          const foreign = forge({ as: 'HS256', key: OTHER_SECRET, header: { alg: 'HS256', typ }, payload });
          expect(verificationOf(hs256, foreign)).to.equal('bad_signature');
        }
      }
    });

    it('exp and nbf are left to the claims: the signature layer knows no clock', () => {
      for (const payload of [{ exp: 1 }, { nbf: 4_000_000_000 }, { exp: 'soon' }, { nbf: [] }]) {
        expect(verificationOf(hs256, hs256Token(payload))).to.equal('accepted');
      }
    });
  });

  it('says nothing but the reason of a wrong signature', () => {
    const forged = hs256.verify(forge({ as: 'HS256', key: OTHER_SECRET, payload: claims() }));
    expect(forged).to.deep.equal(new Refusal('bad_signature'));
  });
});

function signInDer(input: string): string {
  return sign('sha256', Buffer.from(input), P256.privateKey).toString('base64url');
}

/** The other signature that an ES256 token has: the order of the curve minus s. */
function mirrored(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const at = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(at), 'base64url');
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const other = (order - s).toString(16).padStart(64, '0');
  return (
    token.slice(0, at) + Buffer.concat([signature.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')
  );
}
