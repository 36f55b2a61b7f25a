import { expect } from 'chai';
import fc from 'fast-check';
import { FingerprintTable } from '../../../src/storage/revocation/fingerprint-table.js';

/** What expiry is rounded up to; an entry may outlive its time by two of these, and never dies early. */
const TICK = 2000;
const NOW = 1_700_000_000_000;

interface Kept {
  until: number | null;
  flag: boolean;
}

/** What may be said of an entry that the model keeps: surely there, surely gone, or rounded either way. */
function expected(entry: Kept | undefined, now: number): 'there' | 'gone' | 'either' {
  if (entry === undefined) return 'gone';
  if (entry.until === null || now <= entry.until) return 'there';
  return now >= entry.until + 2 * TICK ? 'gone' : 'either';
}

function agree(table: FingerprintTable, name: string, kept: Kept | undefined, now: number): void {
  const found = table.find(name, now);
  const wanted = expected(kept, now);
  if (wanted === 'there') expect(found?.flag, name).to.equal(kept?.flag);
  if (wanted === 'gone') expect(found, name).to.equal(undefined);
}

type Step =
  | { readonly kind: 'add'; readonly name: string; readonly life: number | null; readonly flag: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

const name = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map((number) => `name ${number}`),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      name,
      life: fc.oneof(fc.constant(null), fc.integer({ min: -TICK, max: 20 * TICK })),
      flag: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 8 * TICK }) }),
  },
);

describe('FingerprintTable', () => {
  it('agrees with a Map for any additions and passing of time', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
        const table = new FingerprintTable();
        const model = new Map<string, Kept>();
        let now = NOW;
        for (const one of steps) {
          if (one.kind === 'wait') {
            now += one.ms;
            continue;
          }
          const until = one.life === null ? null : now + one.life;
          table.add(one.name, until, one.flag, now);
          const before = model.get(one.name);
          const live = before !== undefined && expected(before, now) !== 'gone' ? before : undefined;
          const later = live?.until === null || until === null ? null : Math.max(until, live?.until ?? until);
          model.set(one.name, { until: later, flag: one.flag });
          agree(table, one.name, model.get(one.name), now);
        }
        for (const [one, kept] of model) agree(table, one, kept, now);
      }),
      { numRuns: 150 },
    );
  });

  it('finds nothing in an empty table, names of any kind included', () => {
    const table = new FingerprintTable();
    for (const one of ['', '\0', 'a', '__proto__', 'x'.repeat(10_000)])
      expect(table.find(one, NOW)).to.equal(undefined);
    expect(table.size).to.equal(0);
  });

  it('finds an entry up to its very millisecond, and no longer than two ticks after', () => {
    for (const offset of [0, 1, 999, TICK - 1]) {
      const table = new FingerprintTable();
      const until = NOW + 10 * TICK + offset;
      table.add('a', until, false, NOW);
      expect(table.find('a', until)).not.to.equal(undefined);
      expect(table.find('a', until + 2 * TICK)).to.equal(undefined);
    }
  });

  it('finds an entry for ever when it has no end', () => {
    const table = new FingerprintTable();
    table.add('a', null, true, NOW);
    expect(table.find('a', NOW + 50 * 365 * 24 * 3_600_000)).to.deep.equal({ flag: true });
  });

  it('gives a name added again the later expiry and the newer flag', () => {
    const table = new FingerprintTable();
    table.add('a', NOW + 50 * TICK, true, NOW);
    table.add('a', NOW + 10 * TICK, false, NOW);
    expect(table.find('a', NOW + 40 * TICK)).to.deep.equal({ flag: false });
    expect(table.size).to.equal(1);
  });

  it('keeps every live entry while expired ones around it are removed', () => {
    const table = new FingerprintTable();
    const names = Array.from({ length: 6000 }, (_, index) => `entry ${index}`);
    for (const [index, one] of names.entries()) {
      table.add(one, index % 3 === 0 ? null : NOW + (1 + (index % 5)) * TICK, index % 2 === 0, NOW);
    }
    const later = NOW + 20 * TICK;
    for (let i = 0; i < 9000; i += 1) table.add(`filler ${i % 60}`, NOW + 100 * TICK, false, later);
    expect(table.size, 'what lives').to.equal(2000 + 60);
    for (const [index, one] of names.entries()) {
      const found = table.find(one, later);
      if (index % 3 === 0) expect(found, one).to.deep.equal({ flag: index % 2 === 0 });
      else expect(found, one).to.equal(undefined);
    }
  });

  it('removes what has expired as others are added, so that it stays as small as what lives', () => {
    const table = new FingerprintTable();
    let now = NOW;
    for (let i = 0; i < 60_000; i += 1) {
      now += TICK / 10;
      table.add(`entry ${i}`, now + 100 * TICK, false, now);
    }
    expect(table.size).to.be.below(4000);
    expect(table.bytes).to.be.below(64 * 512 * 12);
  });

  it('takes 40 MiB at most for a million entries, judged by 200,000, and finds every one of them', () => {
    const table = new FingerprintTable();
    for (let i = 0; i < 200_000; i += 1) table.add(`lineage ${i}`, null, i % 2 === 0, NOW);
    expect(table.size).to.equal(200_000);
    expect(table.bytes * 5).to.be.below(40 * 1024 * 1024);
    for (let i = 0; i < 200_000; i += 1) {
      if (table.find(`lineage ${i}`, NOW)?.flag !== (i % 2 === 0)) expect.fail(`lost lineage ${i}`);
      if (i % 4 === 0 && table.find(`other ${i}`, NOW) !== undefined) expect.fail(`found other ${i}`);
    }
  });

  it('takes no more per entry anywhere up to 400,000 entries, and mistakes no other name for one of them', function () {
    this.timeout(10_000);
    const table = new FingerprintTable();
    for (let i = 0; i < 400_000; i += 1) {
      table.add(String(i), null, false, NOW);
      if (i >= 10_000 && i % 1000 === 0) expect(table.bytes / i).to.be.below(40 * 1.048_576);
    }
    // Prints of 32 bits would mistake some 4 of these for one of those; prints of 64 bits, one in ten million runs.
    for (let i = 0; i < 3_000_000; i += 1) if (table.find(`o${i}`, NOW) !== undefined) expect.fail(`found o${i}`);
  });
});
