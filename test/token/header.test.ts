import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { readHeader } from '../../src/token/header.js';
import { Refusal } from '../../src/token/refusal.js';
import { forge, segment } from '../support/forge.js';
import { OTHER_RSA, OTHER_SECRET, RSA, SECRET } from '../support/keys.js';
import { openingOf, verificationOf } from '../support/outcomes.js';
import { claims, codecOf, NOW } from '../support/token-fixtures.js';

const hs256 = codecOf('HS256', SECRET);

/** What becomes of a token that is right in all but its header, whose MAC is right too. */
function withHeader(header: unknown): string {
  return verificationOf(hs256, forge({ as: 'HS256', key: SECRET, header, payload: claims() }));
}

function read(header: unknown): unknown {
  const result = readHeader(segment(header), 'HS256');
  return result instanceof Refusal ? result.reason : result;
}

describe('readHeader', () => {
  it('gives the kid, whatever it is, and nothing else', () => {
    expect(read({ alg: 'HS256' })).to.deep.equal({ kid: undefined });
    expect(read({ alg: 'HS256', kid: 'k1', jwk: {}, extra: 1 })).to.deep.equal({ kid: 'k1' });
    for (const kid of [null, 5, ['k1'], { a: 1 }]) expect(read({ alg: 'HS256', kid })).to.deep.equal({ kid });
  });

  describe('crit and b64 (row 22, RFC 7515 section 4.1.11)', () => {
    it('crit:[...] unknown, crit:[] and b64:false are refused though the MAC is right (jsonwebtoken; CVE-2026-35042, CVE-2025-59420)', () => {
      const crits = [
        ['x'],
        ['exp'],
        ['http://example.com/UNDEFINED'],
        ['b64'],
        ['crit'],
        ['alg'],
        [],
        [''],
        [1],
        [null],
      ];
      for (const crit of [...crits, ['x', 'x'], null, '', 'x', 'b64', 0, 1, true, false, {}, { 0: 'x' }]) {
        const message = JSON.stringify(crit);
        expect(withHeader({ alg: 'HS256', crit }), message).to.equal('malformed');
        expect(withHeader({ alg: 'HS256', crit, x: 1, b64: true, typ: 'session+jwt' }), message).to.equal('malformed');
      }
      for (const b64 of [false, true, null, 0, 'false', []]) {
        expect(withHeader({ alg: 'HS256', b64 }), `b64 ${JSON.stringify(b64)}`).to.equal('malformed');
        expect(withHeader({ alg: 'HS256', b64, crit: ['b64'] })).to.equal('malformed');
      }
    });

    it('are found however they are written', () => {
      expect(withHeader('{"alg":"HS256","crit":["x"],"crit":[]}')).to.equal('malformed');
      expect(withHeader('{"alg":"HS256","\\u0063rit":["x"]}')).to.equal('malformed');
      expect(withHeader('{"alg":"HS256","\\u00624":1,"b\\u00364":false}')).to.equal('malformed');
      expect(withHeader('{"crit":["x"],"alg":"HS256"}')).to.equal('malformed');
    });

    it('are other names in another case', () => {
      expect(withHeader({ alg: 'HS256', CRIT: ['x'], Crit: [], B64: false })).to.equal('accepted');
    });
  });

  describe('typ (row 28, RFC 8725 section 3.11)', () => {
    it('absent, JWT and session+jwt are read, without regard to case, with or without application/ (jsonwebtoken: typ)', () => {
      const typs = [
        undefined,
        'JWT',
        'jwt',
        'Jwt',
        'session+jwt',
        'SESSION+JWT',
        'application/jwt',
        'application/session+jwt',
      ];
      for (const typ of [...typs, 'Application/Session+JWT'])
        expect(withHeader({ alg: 'HS256', typ }), typ).to.equal('accepted');
    });

    it('anything else is refused though the MAC is right: a token of another kind is no session (jsonwebtoken: typ; CVE-2023-48309)', () => {
      const kinds = [
        'at+jwt',
        'csrf+jwt',
        'identity+jwt',
        'secevent+jwt',
        'logout+jwt',
        'dpop+jwt',
        'JOSE',
        'JWE',
        'jws',
        'none',
      ];
      const near = [
        '',
        ' ',
        'JWT ',
        ' JWT',
        'JWT\0',
        'session',
        'session+jwt2',
        'session jwt',
        'session-jwt',
        'x/jwt',
        'application/',
      ];
      const odd = [
        'application/application/jwt',
        'application//jwt',
        'jwt/application/',
        'toString',
        '__proto__',
        'ſession+jwt',
      ];
      for (const typ of [...kinds, ...near, ...odd, null, 0, false, true, ['JWT'], ['session+jwt'], {}]) {
        expect(withHeader({ alg: 'HS256', typ }), JSON.stringify(typ)).to.equal('malformed');
      }
    });
  });

  describe('form', () => {
    it('is a JSON object and nothing else', () => {
      for (const text of ['null', '[]', '["alg","HS256"]', '"HS256"', '5', 'true', '[{"alg":"HS256"}]']) {
        expect(withHeader(text), text).to.equal('malformed');
      }
    });

    it('is strict JSON', () => {
      const broken = [
        '',
        '{',
        '}',
        '{}}',
        "{'alg':'HS256'}",
        '{alg:"HS256"}',
        '{"alg":"HS256",}',
        '{"alg":"HS256"}x',
        '{"alg":"HS256"}{}',
      ];
      for (const text of [...broken, '{"alg":"HS256"}\0', '// x\n{"alg":"HS256"}', 'NaN', 'undefined', 'text']) {
        // A segment cannot be empty at all.
        expect(withHeader(text), text).to.equal('malformed');
      }
      expect(withHeader(' \n\t{"alg" : "HS256"}\r\n')).to.equal('accepted');
    });

    it('is UTF-8 without a byte order mark (RFC 8725 section 3.7)', () => {
      const json = Buffer.from('{"alg":"HS256"}');
      for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xc3]]) {
        const broken = Buffer.concat([Buffer.from('{"alg":"HS256","x":"'), Buffer.from(bytes), Buffer.from('"}')]);
        expect(withHeader(broken)).to.equal('malformed');
      }
      expect(withHeader(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json]))).to.equal('malformed');
      expect(withHeader(Buffer.from(json.toString(), 'utf16le'))).to.equal('malformed');
      expect(withHeader({ alg: 'HS256', x: 'é😀\u2028' })).to.equal('accepted');
    });

    it('of two members with one name the last counts, here and in the library alike (RFC 7515 section 4)', () => {
      expect(withHeader('{"alg":"none","alg":"HS256"}')).to.equal('accepted');
      expect(withHeader('{"alg":"HS256","alg":"none"}')).to.equal('wrong_algorithm');
      expect(withHeader('{"alg":"HS256","typ":"at+jwt","typ":"JWT"}')).to.equal('accepted');
      expect(withHeader('{"alg":"HS256","typ":"JWT","typ":"at+jwt"}')).to.equal('malformed');
    });

    it('without alg, or with one that is inherited, names no algorithm', () => {
      for (const text of [
        '{}',
        '{"typ":"JWT"}',
        '{"__proto__":{"alg":"HS256"}}',
        '{"ALG":"HS256"}',
        '{"constructor":{"alg":"HS256"}}',
      ]) {
        expect(withHeader(text), text).to.equal('wrong_algorithm');
      }
      expect(Object.hasOwn(Object.prototype, 'alg')).to.equal(false);
    });
  });

  describe('keys in the header (row 23, ASVS 9.1.3)', () => {
    const jwk = OTHER_RSA.publicKey.export({ format: 'jwk' });
    const keys: Readonly<Record<string, unknown>> = {
      jwk,
      jku: 'https://attacker.example/keys.json',
      x5u: 'file:///etc/passwd',
      x5c: [OTHER_RSA.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')],
      x5t: 'AAAA',
      'x5t#S256': 'AAAA',
    };

    it('jwk, jku, x5u and x5c of the attacker verify nothing', () => {
      const storage = new SessionStorage({
        jwtSecret: RSA.privateKey,
        jwtAlgorithm: 'RS256',
        clock: new FakeClock(NOW),
      });
      const before = process.getActiveResourcesInfo();
      for (const header of [...Object.entries(keys).map(([name, value]) => ({ [name]: value })), keys]) {
        const forged = forge({
          as: 'RS256',
          key: OTHER_RSA.privateKey,
          header: { alg: 'RS256', ...header },
          payload: claims(),
        });
        // A certificate or a key makes the header too long to be parsed.
        const isLong = forged.indexOf('.') > 512;
        expect(openingOf(storage, forged)).to.equal(isLong ? 'malformed' : 'bad_signature');
        const own = forge({ as: 'RS256', key: RSA.privateKey, header: { alg: 'RS256', ...header }, payload: claims() });
        expect(openingOf(storage, own)).to.equal(isLong ? 'malformed' : 'opened');
      }
      // Nothing was begun: no socket, no look-up, no file.
      expect(process.getActiveResourcesInfo()).to.deep.equal(before);
    });

    it('an oct JWK in the header is no secret either', () => {
      const oct = { kty: 'oct', k: OTHER_SECRET.toString('base64url') };
      const token = forge({
        as: 'HS256',
        key: OTHER_SECRET,
        header: { alg: 'HS256', jwk: oct, kid: 'k' },
        payload: claims(),
      });
      expect(verificationOf(hs256, token)).to.equal('bad_signature');
    });
  });

  it('non-ASCII kid is compared as the text that it is and finds no key (jsonwebtoken)', () => {
    const named = codecOf('HS256', { kid: 'k1', secret: SECRET });
    for (const kid of ['ké', 'k1\u0000', 'ｋ1', 'k\u0031\u0301', 'Ã©']) {
      const token = forge({ as: 'HS256', key: SECRET, header: { alg: 'HS256', kid }, payload: claims() });
      expect(verificationOf(named, token), kid).to.equal('unknown_key');
    }
    const escaped = forge({ as: 'HS256', key: SECRET, header: '{"alg":"HS256","kid":"\\u006b1"}', payload: claims() });
    expect(verificationOf(named, escaped)).to.equal('accepted');
  });
});
