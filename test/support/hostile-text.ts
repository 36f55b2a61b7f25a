import fc from 'fast-check';

/** What ends a line, a field, an event or a text somewhere, and what looks like the fields of an event. */
export const HOSTILE: readonly string[] = [
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  '\0',
  '\v',
  '\f',
  '\u001b',
  '\u0085',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  '\ud800',
  '\udc00',
  '\udc00\ud800',
  ':',
  ' ',
  '"',
  '\\',
  '\\n',
  '0\r\n\r\n',
  'id: 1\n',
  'retry: 0\n',
  'data: x\n\n',
  '\n\nevent: end\ndata: {"reason":"smuggled"}\n\n',
  '\r\rdata: {}\r\r',
];

/** Any string but the empty one, of UTF-16 units, lone surrogates included, with hostile pieces in it. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.integer({ min: 0, max: 0xffff }).map(fromUnit), fc.string()), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pieces) => pieces.join(''))
  .filter((text) => text !== '');

/** Every code point, surrogates included, in texts of 4,096. */
export function everyCodePoint(): readonly string[] {
  const size = 4_096;
  return Array.from({ length: 0x110000 / size }, (_, chunk) =>
    Array.from({ length: size }, (_point, at) => String.fromCodePoint(chunk * size + at)).join(''),
  );
}

function fromUnit(unit: number): string {
  return String.fromCharCode(unit);
}
