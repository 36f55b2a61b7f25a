import fc from 'fast-check';
import { bytes, line, orHuge } from './generators.js';
import { EVIL, LISTED, OWN } from './origins.js';
import type { Line, Text } from './text.js';

/** Pieces that parsers of URLs stumble over. */
const piece = fc.constantFrom(
  ...['https://', 'http://', '//', 'shop.example', 'partner.example', 'evil.example', ':8443', ':443', ':80', ':'],
  ...['.', '..', '/', '\\', '@', '#', '?', '%2e', '%00', 'xn--', 'ü', '\u0000', ' ', '\t', ', ', 'null', 'NULL'],
  ...['[', ']', '[::1]', '127.0.0.1', '0x7f.1', '-', '_', '*', 'a', 'file:', 'data:', 'SHOP.EXAMPLE', '\u00a0'],
);

/** What is no origin, most of the time. */
const hostile: fc.Arbitrary<Text> = orHuge(
  fc
    .oneof(
      { weight: 6, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')) },
      { weight: 2, arbitrary: bytes },
      { weight: 1, arbitrary: fc.constantFrom(`${OWN}, `.repeat(200), OWN, LISTED, EVIL, 'null', '') },
    )
    .map((text): Text => [text]),
);

const site: fc.Arbitrary<Text> = fc.oneof(
  fc
    .constantFrom(
      ...['cross-site', 'same-site', 'same-origin, cross-site', 'cross-site, same-origin', 'same-origin', 'none'],
      ...['Same-Origin', 'NONE', 'none ', '', '"none"', '?1', 'same-origin;', 'same-origin\u00a0', 'same-origin,'],
    )
    .map((text): Text => [text]),
  hostile,
);
const fetchDetail = fc.constantFrom('cors', 'no-cors', 'navigate', 'websocket', 'document', 'iframe', '?1', '', 'none');

export const originLine: fc.Arbitrary<Line> = line('Origin', hostile);
export const siteLine: fc.Arbitrary<Line> = line('Sec-Fetch-Site', site);
export const fetchDetailLine: fc.Arbitrary<Line> = fc.oneof(
  ...['Sec-Fetch-Mode', 'Sec-Fetch-Dest', 'Sec-Fetch-User'].map((name) =>
    line(
      name,
      fc.oneof(
        fetchDetail.map((text): Text => [text]),
        hostile,
      ),
    ),
  ),
);
/** An origin of the kinds that there are. */
export const knownOriginLine: fc.Arbitrary<Line> = line(
  'Origin',
  fc.constantFrom(EVIL, OWN, 'null', LISTED).map((text): Text => [text]),
);
/** Where a request says that it goes. */
export const hostLine: fc.Arbitrary<Line> = line('Host', hostile);
