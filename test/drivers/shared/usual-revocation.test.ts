import { expect } from 'chai';
import fc from 'fast-check';
import { revocationOfJson, textOfRevocation } from '../../../src/drivers/shared/revocation-text.js';
import { usualRevocation } from '../../../src/drivers/shared/usual-revocation.js';
import type { Revocation } from '../../../src/index.js';

const TEXT = textOfRevocation({ at: 5, until: 70, reason: 'signed_out', match: { lineage: 'l1' } });
const BEFORE = 'name ';

/** What JSON.parse makes of it, or undefined. */
function byJson(seq: string, text: string): Revocation | undefined {
  try {
    return revocationOfJson(seq, JSON.parse(text));
  } catch {
    return undefined;
  }
}

const time = fc.integer({ min: 0, max: 999_999_999_999_999 });
const name = fc.string({ unit: fc.constantFrom('a', '_', ' ', '{', ',', ':', 'é', '😀') });
const usual = fc
  .record({
    at: time,
    until: time,
    reason: name,
    match: fc.oneof(fc.record({ lineage: name }), fc.record({ jti: name })),
  })
  .map(textOfRevocation);
const PIECES = [
  '"',
  '\\',
  ',',
  '}',
  '{',
  '0',
  '-',
  '1e5',
  '.5',
  'null',
  '"lineage":"l2"',
  '"jti":"j"',
  ',"until":',
  ' ',
];

describe('The usual text of a revocation', () => {
  it('is read as JSON.parse would read it', () => {
    fc.assert(
      fc.property(usual, fc.string(), (text, seq) => {
        const read = usualRevocation(seq, BEFORE + text, BEFORE.length);
        expect(read).not.to.equal(undefined);
        expect(read).to.deep.equal(byJson(seq, text));
      }),
    );
  });

  it('is nothing else: any change of it gives what JSON.parse gives, or nothing', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(usual, fc.constantFrom(...PIECES), place, fc.nat(12), (text, piece, share, cut) => {
        const at = Math.floor(share * text.length);
        const changed = text.slice(0, at) + piece + text.slice(at + cut);
        const read = usualRevocation('7', BEFORE + changed, BEFORE.length);
        if (read !== undefined) expect(read).to.deep.equal(byJson('7', changed));
      }),
      { numRuns: 3000 },
    );
  });

  for (const [what, text] of [
    ['an entry that is never removed', textOfRevocation({ at: 5, until: null, reason: 'r', match: { lineage: 'l' } })],
    ['a user', textOfRevocation({ at: 5, until: 70, reason: 'r', match: { uid: 'u', before: 5, except: [] } })],
    ['everyone', textOfRevocation({ at: 5, until: 70, reason: 'r', match: { before: 5 } })],
    ['an escaped name', textOfRevocation({ at: 5, until: 70, reason: 'r', match: { lineage: '"' } })],
    ['an escaped reason', textOfRevocation({ at: 5, until: 70, reason: '\n', match: { lineage: 'l' } })],
    ['a time before 1970', TEXT.replace('5', '-5')],
    ['a part of a millisecond', TEXT.replace('70', '70.5')],
    ['zeros before a number', TEXT.replace('70', '070')],
    ['no number', TEXT.replace('70', '')],
    ['too many digits', TEXT.replace('70', '7'.repeat(16))],
    ['another property after it', TEXT.replace('}', ',"jti":"j1"}')],
    ['another property before it', TEXT.replace('{', '{"device":1,')],
    ['spaces', TEXT.replace(':', ': ')],
    ['two texts', TEXT + TEXT],
    ['no text', ''],
  ] as const) {
    it(`is left to JSON.parse: ${what}`, () => {
      expect(usualRevocation('7', BEFORE + text, BEFORE.length)).to.equal(undefined);
    });
  }
});
