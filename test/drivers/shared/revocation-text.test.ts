import { expect } from 'chai';
import fc from 'fast-check';
import { revocationOfJson, textOfRevocation } from '../../../src/drivers/shared/revocation-text.js';
import type { NewRevocation, RevocationMatch } from '../../../src/index.js';

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('\ud800', '\udfff', '\0', '"', '\\')),
});
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const match: fc.Arbitrary<RevocationMatch> = fc.oneof(
  fc.record({ lineage: text }),
  fc.record({ jti: text }),
  fc.record({ uid: text, before: time, except: fc.array(text) }),
  fc.record({ before: time }),
);
const revocation: fc.Arbitrary<NewRevocation> = fc.record({
  at: time,
  until: fc.option(time),
  reason: text,
  match,
});

describe('The text of a revocation', () => {
  it('is read as the revocation that it was made of, whatever its strings', () => {
    fc.assert(
      fc.property(revocation, fc.string(), (entry, seq) => {
        expect(revocationOfJson(seq, JSON.parse(textOfRevocation(entry)))).to.deep.equal({ ...entry, seq });
      }),
    );
  });

  it('is well-formed and has no U+0000, so any database can store it', () => {
    fc.assert(
      fc.property(revocation, (entry) => {
        const written = textOfRevocation(entry);
        expect(written.isWellFormed()).to.equal(true);
        expect(written).not.to.include('\0');
      }),
    );
  });

  it('is refused when it is not understood, with its position and nothing of its content', () => {
    const [at, until, reason] = [1, 2, 'secret'];
    const entries: readonly unknown[] = [
      null,
      [],
      'secret',
      {},
      { at, until, reason },
      { until, reason, lineage: 'secret' },
      { at: '1', until, reason, lineage: 'secret' },
      { at, reason, lineage: 'secret' },
      { at, until: '2', reason, lineage: 'secret' },
      { at, until, lineage: 'secret' },
      { at, until, reason: 3, lineage: 'secret' },
      { at, until, reason, lineage: 3 },
      { at, until, reason, lineage: 'secret', device: 'secret' },
      { at, until, reason, lineage: 'secret', jti: 'secret' },
      { at, until, reason, jti: 'secret', before: 1 },
      { at, until, reason, before: null },
      { at, until, reason, before: 1, uid: 'secret' },
      { at, until, reason, before: 1, except: [] },
      { at, until, reason, uid: 'secret', except: [] },
      { at, until, reason, before: 1, uid: 3, except: [] },
      { at, until, reason, before: 1, uid: 'secret', except: 'secret' },
      { at, until, reason, before: 1, uid: 'secret', except: ['secret', 3] },
      { at, until, reason, before: 1, uid: 'secret', except: [], device: 'secret' },
    ];
    const message = 'the revocation log has an entry at 7 that this version cannot read';
    for (const entry of entries) {
      expect(() => revocationOfJson('7', entry), JSON.stringify(entry)).to.throw(Error, message);
    }
    expect(() => revocationOfJson('7', undefined)).to.throw(Error, message);
  });
});
