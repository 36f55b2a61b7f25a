import fc from 'fast-check';
import { segment } from '../support/forge.js';
import { jsonValue } from '../support/json-data.js';
import { NOW } from '../support/token-fixtures.js';
import { JUNK } from '../support/visits.js';
import { CHANGES, type ChangeName } from './changes.js';
import { type Changed, type CredentialName, good, type Line, type Text } from './text.js';

const CHANGE_NAMES = Object.keys(CHANGES).filter((name): name is ChangeName => Object.hasOwn(CHANGES, name));

const DEEP = ['['.repeat(5000), '{"a":'.repeat(1500), `${'['.repeat(3000)}${']'.repeat(3000)}`];
const NUMBERS = ['9'.repeat(400), '1e309', '-0', '-1', '9007199254740993', '1.7976931348623157e308', '0x10', 'NaN'];
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined', 'u1'];
const ODD = [
  '',
  '""',
  '"',
  '.',
  '..',
  '...',
  'a.b.c',
  '-',
  '%',
  '%00',
  '%2e',
  '%0d%0aSet-Cookie: sid=x',
  '=',
  ',',
  ';',
];

/** Any bytes that a header can have, few of those that it cannot, and no line feed, which would begin another header. */
const byte = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 20, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
  { weight: 1, arbitrary: fc.constantFrom(9, 0, 1, 13, 0x7f) },
);
export const bytes: fc.Arbitrary<string> = fc
  .array(byte, { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));

/** What others make of a token: no key is known. */
const CLAIMS = { jti: 'a', created: NOW, luat: NOW, lmat: NOW, uid: 'u1', sub: 'u1', sid: 'l1', iat: 1, exp: 1e12 };
const HEADERS = [
  ...['none', 'None', 'HS256', 'HS384', 'HS512', 'RS256', 'PS512', 'ES256', 'EdDSA', '', 5, ['HS512'], null].map(
    (alg) => ({ alg, typ: 'session+jwt' }),
  ),
  ...['JWT', 'session+jwt', 'identity+jwt', 'application/session+jwt', 'at+jwt', 5, null, ['session+jwt']].map(
    (typ) => ({ alg: 'HS512', typ }),
  ),
  ...['../../dev/null', '', 5, '__proto__', "' OR 1=1 --", { $ne: 1 }].map((kid) => ({ alg: 'HS512', kid })),
  ...[{ jku: 'https://evil.example/' }, { jwk: { kty: 'oct', k: 'AA' } }, { x5c: ['AA'] }].map((more) => ({
    alg: 'HS512',
    ...more,
  })),
  { alg: 'HS512', crit: ['b64'], b64: false },
  { alg: 'HS512', zip: 'DEF' },
].map((header) => JSON.stringify(header));
const HEADER_TEXTS = [
  '{"alg":"none","alg":"HS512"}',
  '{"__proto__":{"alg":"HS512"}}',
  ...['null', '[]', '5', '"HS512"', '{', ''],
];
const PAYLOADS = [
  ...[{}, { exp: 1e300 }, { exp: -1 }, { created: '1' }, { jti: '' }, { uid: { a: 1 } }, { info: null }].map((more) =>
    JSON.stringify({ ...CLAIMS, ...more }),
  ),
  `{"jti":"a","exp":${'9'.repeat(400)}}`,
  '{"jti":"a","__proto__":{"uid":"u1"}}',
  ...['null', '[]', '5', '{', ''],
];
const jsonText = fc.oneof(
  { weight: 6, arbitrary: jsonValue.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom(...DEEP) },
);
const headerText = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...HEADERS, ...HEADER_TEXTS) }, jsonText);
const payloadText = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PAYLOADS) }, jsonText);

/** Credentials of the good client, changed, and once in a while as they are. */
export function changed(...names: readonly CredentialName[]): fc.Arbitrary<Changed> {
  return fc.record({
    of: fc.constantFrom(...names),
    by: fc.constantFrom(...CHANGE_NAMES),
    at: fc.nat(10_000),
    text: fc.oneof(fc.constantFrom('A', '.', '_', '=', ' ', '"', ';', ',', 'é', '\0', '', '%'), headerText),
  });
}

/** Three segments, or another number of them. */
function forged(name: CredentialName): fc.Arbitrary<Text> {
  const signature: fc.Arbitrary<string | Changed> = fc.oneof(
    fc.constantFrom<string | Changed>('', 'AA', 'A'.repeat(86), { ...good(name), by: 'one segment of', at: 2 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }).map((made) => Buffer.from(made).toString('base64url')),
  );
  return fc
    .tuple(headerText, payloadText, signature, fc.constantFrom('', '', '', '.', '.AA', '='))
    .map(([header, payload, end, more]): Text => [`${segment(header)}.${segment(payload)}.`, end, more]);
}

/** What may stand in place of a credential. */
export function values(...names: readonly [CredentialName, ...CredentialName[]]): fc.Arbitrary<Text> {
  const texts = fc.constantFrom(...ODD, ...NAMES, ...NUMBERS, ...JUNK.filter((junk) => junk.length < 100));
  return fc.oneof(
    { weight: 8, arbitrary: changed(...names).map((one): Text => [one]) },
    { weight: 4, arbitrary: forged(names[0]) },
    { weight: 3, arbitrary: texts.map((text): Text => [text]) },
    { weight: 3, arbitrary: bytes.map((text): Text => [text]) },
    { weight: 1, arbitrary: fc.tuple(changed(...names), bytes, changed(...names)) },
  );
}

const huge = fc.constantFrom(
  ...['x', ';', '=', ' ', ',', '"', 'sid=;', '; ', '.', '%41', 'sid=a; '].map((unit) =>
    unit.repeat(Math.floor(10_240 / unit.length)),
  ),
  ...DEEP,
  ...JUNK,
);

/** A text, or once in a while one of 10 KB. */
export function orHuge(text: fc.Arbitrary<Text>): fc.Arbitrary<Text> {
  return fc.oneof({ weight: 40, arbitrary: text }, { weight: 1, arbitrary: huge.map((one): Text => [one]) });
}

/** A header, its name in any case. */
export function line(name: string, value: fc.Arbitrary<Text>): fc.Arbitrary<Line> {
  return fc.record({ name: fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()), value });
}
