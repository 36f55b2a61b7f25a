import fc from 'fast-check';
import { bytes, orHuge, values } from './generators.js';
import type { Text } from './text.js';

const NAMES = [
  ...['sid', 'sid', 'sid', 'auth', 'csrf', 'SID', 'Sid', ' sid', 'sid ', '\tsid', 'sid\u00a0', 'xsid', 'sidx', 'si'],
  ...['__Host-sid', '__host-sid', '__HOST-SID', '__Secure-sid', '__Http-sid', '__Host-auth', '__Host-csrf'],
  ...['$Version', '$Path', '$Domain', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '"sid"', '%73id', ''],
];

const name = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...NAMES) }, bytes);
const value = fc.oneof(
  values('sid', 'identity token', 'csrf token', 'csrf cookie of a visitor'),
  values('sid').map((text): Text => ['"', ...text, '"']),
);
const pair = fc
  .tuple(name, fc.constantFrom('=', '=', '=', ' = ', '==', '', '=\t'), value)
  .map(([of, equals, text]): Text => [of, equals, ...text]);
const separator = fc.constantFrom('; ', '; ', '; ', ';', ', ', ',', ';;', '; ; ', ' ;\t', '&', '\t', ';\u00a0');

/** A Cookie header by its grammar (RFC 6265, RFC 2109), and by what breaks it. */
export const cookieHeader: fc.Arbitrary<Text> = orHuge(
  fc
    .array(fc.tuple(pair, separator), { minLength: 1, maxLength: 5 })
    .map((pairs): Text => pairs.flatMap(([text, end]) => [...text, end])),
);
