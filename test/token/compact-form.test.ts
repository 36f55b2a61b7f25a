import { expect } from 'chai';
import fc from 'fast-check';
import { dotsOf, hasOnlyBase64url, LONGEST_TOKEN } from '../../src/token/compact-form.js';
import { forge, segment, signInput } from '../support/forge.js';
import { P256, RSA, SECRET, signingKey } from '../support/keys.js';
import { verificationOf } from '../support/outcomes.js';
import { codecOf } from '../support/token-fixtures.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const hs256 = codecOf('HS256', SECRET);

/** A properly signed token around whatever header and payload segments. */
function around(header: string, payload: string): string {
  return signInput(`${header}.${payload}`, 'HS256', SECRET);
}

describe('compact form', () => {
  it('has two dots, a header and a payload, and perhaps a signature', () => {
    expect(dotsOf('AAAA.BBBB.CCCC')).to.deep.equal({ first: 4, second: 9 });
    expect(dotsOf('AAAA.BBBB.')).to.deep.equal({ first: 4, second: 9 });
    for (const text of [
      '',
      '.',
      '..',
      '...',
      'AAAA',
      'AAAA.',
      'AAAA.BBBB',
      '.BBBB.CCCC',
      'AAAA..CCCC',
      '..CCCC',
      'AAAA..',
    ]) {
      expect(dotsOf(text), text).to.equal(undefined);
    }
  });

  it('with any number of dots but two is malformed', () => {
    const token = hs256.sign('{}');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const texts = [
      header,
      `${header}.${payload}`,
      `${token}.`,
      `${token}.AAAA`,
      `.${token}`,
      `${header}..${signature}`,
      '.'.repeat(100),
    ];
    for (const text of [...texts, `${header}.${payload}..${signature}`, `${token}.${token}`]) {
      expect(verificationOf(hs256, text), text).to.equal('malformed');
    }
  });

  it('is canonical exactly when decoding and encoding gives the same text (property)', () => {
    const text = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, (header, payload, signature) => {
        const isCanonical = [header, payload, signature].every((one) => {
          return Buffer.from(one, 'base64url').toString('base64url') === one;
        });
        expect(dotsOf(`${header}.${payload}.${signature}`) !== undefined).to.equal(isCanonical);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes all 64 last characters or the canonical 16 or 4 of them, by how many characters are left over', () => {
    for (const [left, count] of [
      [4, 64],
      [3, 16],
      [2, 4],
      [1, 0],
    ] as const) {
      const start = 'A'.repeat(left - 1);
      const accepted = [...ALPHABET].filter((last) => dotsOf(`AAAA.AAAA.${start}${last}`) !== undefined);
      expect(accepted.length, `${left} left over`).to.equal(count);
      for (const place of [`${start}%.AAAA.AAAA`, `AAAA.${start}%.AAAA`]) {
        const there = [...ALPHABET].filter((last) => dotsOf(place.replace('%', last)) !== undefined);
        expect(there).to.deep.equal(accepted);
      }
    }
  });

  it('non-canonical base64url payload or header is refused though its MAC is right (jsonwebtoken: AB; Wycheproof 375)', () => {
    const header = segment({ alg: 'HS256', typ: 'session+jwt' });
    const other = segment({ alg: 'HS256' });
    const payload = segment('{"a":1}');
    expect(verificationOf(hs256, around(header, payload))).to.equal('accepted');
    expect(payload.length % 4).to.equal(2);
    for (const last of ALPHABET) {
      const changed = payload.slice(0, -1) + last;
      expect(verificationOf(hs256, around(header, changed)) === 'accepted', last).to.equal('AQgw'.includes(last));
    }
    expect(other.length % 4).to.equal(0);
    for (const spaced of [' {"alg":"HS256"}', ' {"alg":"HS256"} ']) {
      const segmented = segment(spaced);
      const last = segmented.at(-1) ?? '';
      for (const next of ALPHABET) {
        const changed = segmented.slice(0, -1) + next;
        expect(verificationOf(hs256, around(changed, payload)) === 'accepted', next).to.equal(next === last);
      }
    }
    expect(verificationOf(hs256, around(header, 'AB'))).to.equal('malformed');
  });

  it('leaves one spelling of the 16 that an RS256, PS256 or ES256 signature has (row 14)', () => {
    for (const [algorithm, spellings] of [
      ['RS256', 16],
      ['PS256', 16],
      ['ES256', 16],
      ['HS256', 4],
      ['HS512', 16],
    ] as const) {
      const codec = codecOf(algorithm, signingKey(algorithm));
      const token = codec.sign('{}');
      const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
      const same = [...ALPHABET]
        .map((last) => token.slice(0, -1) + last)
        .filter((text) => {
          return Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url').equals(signature);
        });
      expect(same.length, algorithm).to.equal(spellings);
      expect(same.filter((text) => verificationOf(codec, text) === 'accepted')).to.deep.equal([token]);
      for (const text of same) if (text !== token) expect(verificationOf(codec, text)).to.equal('malformed');
    }
  });

  it('every byte value inserted at every position is refused (row 24)', () => {
    const token = hs256.sign('{"jti":"a"}');
    let accepted = 0;
    for (let at = 0; at <= token.length; at += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = token.slice(0, at) + String.fromCharCode(byte) + token.slice(at);
        if (verificationOf(hs256, changed) === 'accepted') accepted += 1;
      }
    }
    expect(accepted).to.equal(0);
    expect(verificationOf(hs256, token)).to.equal('accepted');
  }).timeout(20_000);

  it('every byte value inserted at the seams of an RS256 and an ES256 token is refused (row 24)', () => {
    for (const [algorithm, key] of [
      ['RS256', RSA.privateKey],
      ['ES256', P256.privateKey],
    ] as const) {
      const codec = codecOf(algorithm, key);
      const token = codec.sign('{}');
      const seams = [
        0,
        1,
        token.indexOf('.'),
        token.indexOf('.') + 1,
        token.lastIndexOf('.'),
        token.lastIndexOf('.') + 1,
        token.length - 1,
        token.length,
      ];
      for (const at of seams) {
        for (let byte = 0; byte < 256; byte += 1) {
          const changed = token.slice(0, at) + String.fromCharCode(byte) + token.slice(at);
          expect(verificationOf(codec, changed), `${algorithm} ${at} ${byte}`).not.to.equal('accepted');
        }
      }
    }
  });

  it('every character left out, doubled or exchanged for any other of the alphabet is refused (row 24)', () => {
    const token = hs256.sign('{"jti":"a"}');
    for (let at = 0; at < token.length; at += 1) {
      const before = token.slice(0, at);
      const after = token.slice(at + 1);
      const own = token.charAt(at);
      for (const text of ['', own + own, '.', ...ALPHABET]) {
        if (text !== own)
          expect(verificationOf(hs256, before + text + after) === 'accepted', `${at} ${text}`).to.equal(false);
      }
    }
  });

  it('appended =, line break or space, and the standard base64 alphabet, are refused as malformed (jsonwebtoken)', () => {
    const token = hs256.sign('{"a":">>>???"}');
    for (const text of ['=', '==', '===', '\n', '\r\n', ' ', '\t', '\0', '\u00a0', '\ufeff', '%3D', ';', ',']) {
      expect(verificationOf(hs256, token + text), JSON.stringify(text)).to.equal('malformed');
      expect(verificationOf(hs256, text + token), JSON.stringify(text)).to.equal('malformed');
    }
    const [header = '', ,] = token.split('.');
    expect(verificationOf(hs256, around(header, Buffer.from('{"a":">>>???"}').toString('base64')))).to.equal(
      'malformed',
    );
    expect(Buffer.from('{"a":">>>???"}').toString('base64')).to.match(/[+/]/);
    expect(verificationOf(hs256, around(header, 'e30='))).to.equal('malformed');
    expect(verificationOf(hs256, around(header, 'e30'))).to.equal('accepted');
  });

  it('characters outside the alphabet are refused though the MAC was made over them (RFC 8725 section 3.14)', () => {
    const header = segment({ alg: 'HS256' });
    for (const text of ['e3 0A', 'e3\n0A', 'e3+0', 'e3/0', '{}{}', 'e30\u0000', 'é30A', '😀30']) {
      expect(verificationOf(hs256, around(header, text)), text).to.equal('malformed');
      expect(hasOnlyBase64url(around(header, text))).to.equal(false);
    }
  });

  it('JSON serialisation, general and flattened, is malformed (jsonwebtoken)', () => {
    const [header, payload, signature] = hs256.sign('{}').split('.');
    for (const json of [
      { payload, protected: header, signature },
      { payload, signatures: [{ protected: header, signature }] },
      { payload, signatures: [{ protected: header, header: { kid: 'a.b.c' }, signature }] },
    ]) {
      expect(verificationOf(hs256, JSON.stringify(json))).to.equal('malformed');
    }
  });

  it('5 MB token is too_large before anything in it is looked at (jsonwebtoken, row 66)', () => {
    for (const start of ['', '.', 'AAAA.AAAA.', segment({ alg: 'none' }), '{"a":1}', '\0']) {
      expect(verificationOf(hs256, start.padEnd(5_000_000, 'A'))).to.equal('too_large');
    }
  });

  it('is looked at up to 16384 characters and not one more (row 66)', () => {
    const header = segment({ alg: 'HS256' });
    const sized = (characters: number): string => {
      const room = characters - header.length - 2 - 43;
      const spaces = Math.floor((room * 3) / 4) - 2;
      return forge({ as: 'HS256', key: SECRET, payload: `{}${' '.repeat(spaces)}` });
    };
    const lengths = new Map<number, string>();
    for (let characters = LONGEST_TOKEN - 4; characters <= LONGEST_TOKEN + 4; characters += 1) {
      const token = sized(characters);
      lengths.set(token.length, token);
    }
    const reached = [...lengths.keys()];
    expect(reached.some((length) => length === LONGEST_TOKEN || length === LONGEST_TOKEN - 1)).to.equal(true);
    expect(reached.some((length) => length > LONGEST_TOKEN)).to.equal(true);
    for (const [length, token] of lengths) {
      expect(verificationOf(hs256, token), `${length}`).to.equal(length <= LONGEST_TOKEN ? 'accepted' : 'too_large');
    }
    expect(verificationOf(hs256, 'A'.repeat(LONGEST_TOKEN))).to.equal('malformed');
    expect(verificationOf(hs256, 'A'.repeat(LONGEST_TOKEN + 1))).to.equal('too_large');
  });

  it('of any text at all is judged without throwing (property)', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.string({ unit: fc.constantFrom(...ALPHABET, '.', '.'), maxLength: 200 }),
        ),
        (text) => {
          expect(verificationOf(hs256, text)).to.be.oneOf(['missing', 'malformed', 'wrong_algorithm', 'bad_signature']);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
