import assert from 'node:assert/strict';
import type { NewRevocation } from '../../ports/revocation-log.js';
import { HOUR, type RevocationLogBench } from './bench.js';
import type { RevocationLogCases } from './case.js';

/** Texts that a backend may change, reject or confuse. A reason may be any string, a uid any well-formed one without U+0000. */
const ODD_REASONS: readonly string[] = [
  '',
  ' ',
  'null\u0000character',
  'lone \ud800 surrogate',
  '\udc00\ud800',
  'line\nbreak\r\n',
  `'"\`;--\\`,
  '{"lineage":"x"}',
  '__proto__',
  'caf\u00e9 cafe\u0301',
  '\u{1f468}\u200d\u{1f469}\u202e\ufeff\ufffd\uffff',
  '\u0001\u007f\u0085\u2028',
  'x'.repeat(10_000),
];
const ODD_UIDS: readonly string[] = [
  '\uffff'.repeat(255),
  '\u{1f600}'.repeat(127),
  ' ',
  'A',
  'a',
  '0',
  '__proto__',
  "'--",
  'line\nbreak',
];

/** Checks that the entries are read as they were appended, as backlog and as they arrive. */
async function assertKept(bench: RevocationLogBench, entries: readonly NewRevocation[]): Promise<void> {
  const start = await bench.mark();
  const reading = bench.read(bench.second, start);
  await reading.caughtUp();
  const appended = await bench.append(entries);
  assert.deepEqual(await bench.stored(bench.second, start), appended);
  const last = appended.at(-1);
  assert.ok(last !== undefined);
  await reading.heard(last.seq);
  assert.deepEqual(reading.entries, appended);
}

export const entryCases: RevocationLogCases = {
  title: 'entries',
  cases: [
    {
      title: 'are read with the match they were appended with: of a lineage, a token, a user or everyone',
      async run(bench) {
        const { now } = bench;
        await assertKept(bench, [
          bench.entry({ match: { lineage: 'x'.repeat(64) } }),
          bench.entry({ match: { jti: bench.name() } }),
          bench.entry({ match: { uid: bench.name(), before: now, except: [] } }),
          bench.entry({ match: { uid: bench.name(), before: now + 1, except: [bench.name(), bench.name()] } }),
          bench.entry({ match: { before: 0 } }),
        ]);
      },
    },
    {
      title: 'may apply later, and may have any time or none after which they are not needed',
      async run(bench) {
        const [late, latest] = [4_000_000_000_000, 8_640_000_000_000_000];
        await assertKept(bench, [
          bench.entry({ until: null }),
          bench.entry({ at: 0, until: late }),
          bench.entry({ at: bench.now + HOUR, until: latest }),
          bench.entry({ at: latest, until: Number.MAX_SAFE_INTEGER }),
          bench.entry({ until: null, match: { before: latest } }),
        ]);
      },
    },
    {
      title: 'may have any string for a reason, character by character',
      async run(bench) {
        await assertKept(
          bench,
          ODD_REASONS.map((reason) => bench.entry({ reason })),
        );
      },
    },
    {
      title: 'may be of any user, also of one with 255 wide characters',
      async run(bench) {
        await assertKept(
          bench,
          ODD_UIDS.map((uid) => bench.entry({ match: { uid, before: bench.now, except: [] } })),
        );
      },
    },
    {
      title: 'may except a thousand lineages',
      async run(bench) {
        const except = Array.from({ length: 1_000 }, () => bench.name('lineage'));
        await assertKept(bench, [bench.entry({ match: { uid: bench.name(), before: bench.now, except } })]);
      },
    },
  ],
};
