import { createHmac, hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { type CsrfBinding, CsrfTokens } from '../../../src/http/csrf/token.js';
import { SessionStorage } from '../../../src/index.js';
import { openingOf } from '../../support/outcomes.js';

const SECRET = Buffer.alloc(64, 'one');
const OTHER = Buffer.alloc(64, 'two');
const A: CsrfBinding = { kind: 'lineage', value: 'lineage-a' };
const B: CsrfBinding = { kind: 'lineage', value: 'lineage-b' };

const MALFORMED: readonly (readonly [what: string, token: unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['an empty text', ''],
  ['a list', ['x']],
  ['an object', { toString: () => 'x' }],
  ['a dot', '.'],
  ['1 MB', 'x'.repeat(1_000_000)],
  ['1 MB of dots', '.'.repeat(1_000_000)],
  ['characters outside ASCII', 'ä'.repeat(87)],
];

describe('CSRF tokens (rows 42, 43 and 46)', () => {
  const tokens = new CsrfTokens([SECRET]);

  it('fit what they were made for, and are different each time', () => {
    const made = Array.from({ length: 100 }, () => tokens.create(A));
    for (const token of made) expect(tokens.problemOf(token, A)).to.equal(undefined);
    expect(new Set(made).size).to.equal(100);
    expect(new Set(made.map((token) => token.split('.')[0])).size).to.equal(100);
  });

  it('do not contain what they are bound to', () => {
    expect(tokens.create(A)).not.to.include(A.value);
    expect(Buffer.from(tokens.create(A), 'base64url').includes(A.value)).to.equal(false);
  });

  it('are stale for another session, for a nonce, and without either', () => {
    const token = tokens.create(A);
    const { binding } = tokens.createNonce();
    for (const other of [B, binding, { kind: 'nonce', value: A.value } as const, undefined]) {
      expect(tokens.problemOf(token, other)).to.equal('token_stale');
    }
    expect(tokens.problemOf(tokens.create(binding), A)).to.equal('token_stale');
    expect(tokens.problemOf(tokens.create(binding), tokens.createNonce().binding)).to.equal('token_stale');
  });

  it('are told from those of another secret', () => {
    expect(tokens.problemOf(new CsrfTokens([OTHER]).create(A), A)).to.equal('token_invalid');
  });

  it('cannot be put together from fields that are split elsewhere', () => {
    const binding = (value: string): CsrfBinding => ({ kind: 'lineage', value });
    expect(tokens.problemOf(tokens.create(binding('ab')), binding('a'))).to.equal('token_stale');
    expect(tokens.problemOf(tokens.create(binding('')), binding('\0'))).to.equal('token_stale');
  });

  for (const [what, token] of MALFORMED) {
    it(`are not ${what}`, () => {
      expect(tokens.problemOf(token, A)).to.equal('token_malformed');
      if (typeof token === 'string') expect(tokens.nonceOf(token)).to.equal(undefined);
    });
  }

  it('are malformed when cut off, longer, or spelt in another way', () => {
    const token = tokens.create(A);
    const [mac = '', random = ''] = token.split('.');
    for (const wrong of [
      ...Array.from(token, (_, i) => token.slice(0, i)),
      ...[`${token}A`, `${token}=`, `${token}\n`, ` ${token}`, `${token}.`, `.${token}`],
      ...[`${mac}.${random}.${random}`, `${mac}..${random}`, `${mac}${random}`, mac, random, `${mac}.`, `.${random}`],
      ...[token.replace('.', ','), `${mac.slice(0, -1)}+.${random}`, `${mac}.${random.slice(0, -1)}/`],
    ]) {
      expect(tokens.problemOf(wrong, A), wrong).to.equal('token_malformed');
    }
  });

  it('are malformed when their last characters have bits that count for nothing', () => {
    const token = tokens.create(A);
    const bytesOf = (text: string) => text.split('.').map((part) => Buffer.from(part, 'base64url'));
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const at of [token.indexOf('.') - 1, token.length - 1]) {
      for (const more of [1, 2, 3]) {
        const other = alphabet[alphabet.indexOf(token[at] ?? '') + more];
        const wrong = token.slice(0, at) + other + token.slice(at + 1);
        expect(bytesOf(wrong)).to.deep.equal(bytesOf(token));
        expect(tokens.problemOf(wrong, A)).to.equal('token_malformed');
      }
    }
  });

  it('are an HMAC over fields with their lengths, by a derived key', () => {
    const key = new Uint8Array(hkdfSync('sha256', SECRET, '', 'sessions-jwt csrf', 32));
    const [mac = '', random = ''] = tokens.create(A).split('.');
    const fields = [Buffer.from('lineage'), Buffer.from(A.value), Buffer.from(random, 'base64url')];
    const bytes = fields.flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field]);
    const expected = createHmac('sha256', key).update(Buffer.concat(bytes)).digest('base64url');
    expect(mac).to.equal(expected);
  });

  it('are malformed with parts of any other length, without an error (row 45)', () => {
    for (const size of Array.from({ length: 200 }, (_, i) => i).filter((length) => length !== 32)) {
      const part = Buffer.alloc(size, 1).toString('base64url');
      const whole = Buffer.alloc(32, 1).toString('base64url');
      for (const wrong of [`${part}.${part}`, `${part}.${whole}`, `${whole}.${part}`]) {
        expect(tokens.problemOf(wrong, A), String(size)).to.equal('token_malformed');
        expect(tokens.nonceOf(wrong), String(size)).to.equal(undefined);
      }
    }
  });

  it('show their keys to nobody who inspects or prints them (row 64)', () => {
    const { value } = A;
    for (const text of [inspect(tokens, { showHidden: true, depth: 9 }), JSON.stringify(tokens), String(tokens)]) {
      expect(text).not.to.include(value);
      for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
        expect(text).not.to.include(Buffer.from(SECRET).toString(form));
      }
    }
  });

  it('fit with no bit flipped', () => {
    const token = tokens.create(A);
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'));
    for (const [i, part] of parts.entries()) {
      for (let bit = 0; bit < part.length * 8; bit += 1) {
        const flipped = Buffer.from(part);
        flipped.writeUInt8((part[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
        const wrong = parts
          .with(i, flipped)
          .map((one) => one.toString('base64url'))
          .join('.');
        expect(tokens.problemOf(wrong, A)).to.be.oneOf(['token_invalid', 'token_stale']);
      }
    }
  });

  it('fit with no character exchanged', () => {
    const token = tokens.create(A);
    for (const [i] of Array.from(token).entries()) {
      for (const other of ['A', '_', '.', '~', '\0']) {
        const wrong = token.slice(0, i) + other + token.slice(i + 1);
        if (wrong !== token) expect(tokens.problemOf(wrong, A), wrong).to.be.a('string');
      }
    }
  });

  it('are refused whatever else they are, without an error', () => {
    const halves = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
    const shaped = fc.tuple(halves, halves).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(shaped, fc.string({ unit: 'binary' }), fc.anything()), (wrong) => {
        expect(tokens.problemOf(wrong, A)).to.be.oneOf(['token_malformed', 'token_invalid']);
      }),
      { numRuns: 2000 },
    );
  });

  describe('of a client without a session', () => {
    it('fit its cookie, which is a token itself', () => {
      const { cookie, binding } = tokens.createNonce();
      expect(tokens.nonceOf(cookie)).to.deep.equal(binding);
      for (const token of [cookie, tokens.create(binding)])
        expect(tokens.problemOf(token, binding)).to.equal(undefined);
    });

    it('do not fit another cookie, and a token of a session is no such cookie', () => {
      const { binding } = tokens.createNonce();
      expect(tokens.problemOf(tokens.createNonce().cookie, binding)).to.equal('token_stale');
      expect(tokens.nonceOf(tokens.create(A))).to.equal(undefined);
      expect(tokens.nonceOf(tokens.create(binding))).to.equal(undefined);
      expect(tokens.nonceOf(new CsrfTokens([OTHER]).createNonce().cookie)).to.equal(undefined);
    });
  });

  describe('when the secret is replaced', () => {
    it('fit as long as the old secret is listed', () => {
      const token = tokens.create(A);
      const { cookie } = tokens.createNonce();
      const both = new CsrfTokens([OTHER, SECRET]);
      expect(both.problemOf(token, A)).to.equal(undefined);
      expect(both.problemOf(token, B)).to.equal('token_stale');
      expect(both.nonceOf(cookie)).not.to.equal(undefined);
      expect(new CsrfTokens([OTHER]).problemOf(token, A)).to.equal('token_invalid');
    });

    it('are signed with the first', () => {
      const token = new CsrfTokens([OTHER, SECRET]).create(A);
      expect(new CsrfTokens([OTHER]).problemOf(token, A)).to.equal(undefined);
      expect(tokens.problemOf(token, A)).to.equal('token_invalid');
    });
  });

  it('have a key of their own, even with the secret of the sessions', () => {
    const token = tokens.create(A);
    const [mac = '', random = ''] = token.split('.');
    const storage = new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'HS256' });
    expect(openingOf(storage, token)).to.equal('malformed');
    expect(openingOf(storage, `eyJhbGciOiJIUzI1NiJ9.${random}.${mac}`)).to.equal('bad_signature');
    const signed = jwt.sign({}, SECRET).split('.');
    expect(tokens.problemOf(`${signed[2]}.${random}`, A)).to.equal('token_stale');
    const plain = createHmac('sha256', SECRET).update(random).digest('base64url');
    expect(tokens.problemOf(`${plain}.${random}`, A)).to.equal('token_stale');
  });
});
