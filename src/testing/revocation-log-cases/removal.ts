import assert from 'node:assert/strict';
import type { Revocation } from '../../ports/revocation-log.js';
import type { RevocationLogCases } from './case.js';

/** More entries than a log would keep that limits their number to a thousand. */
const MANY = 1_500;
/** ms since the time of entries that are no longer needed: more than a log may wait for other clocks. */
const PASSED = 3_600_000;

export const removalCases: RevocationLogCases = {
  title: 'removal',
  cases: [
    {
      title: 'never removes an entry for the number of later ones',
      async run(bench) {
        const start = await bench.mark();
        const appended = [
          ...(await bench.append([bench.entry({ until: null }), bench.entry()])),
          ...(await bench.appendTogether(bench.entries(MANY), bench.first, 100)),
        ];
        const stored = await bench.stored(bench.second, start);
        assert.deepEqual(stored.slice(0, 2), appended.slice(0, 2));
        assert.equal(stored.length, appended.length);
      },
    },
    {
      title: 'never removes an entry before its `until`, whatever comes before and after it',
      async run(bench) {
        const start = await bench.mark();
        const needed: Revocation[] = [];
        for (let round = 0; round < 10; round += 1) {
          await bench.append(bench.entries(5, { until: bench.now - PASSED }));
          needed.push(...(await bench.append([bench.entry({ until: null }), bench.entry()], bench.second)));
        }
        for (const log of [bench.first, bench.second, await bench.open()]) {
          for (const after of [null, start]) {
            const stored = await bench.stored(log, after);
            const from = stored.findIndex(({ seq }) => seq === needed[0]?.seq);
            const kept = stored.slice(from).filter(({ until }) => until === null || until >= bench.now);
            assert.deepEqual(kept, needed);
          }
        }
      },
    },
    {
      title: 'loses no position: a reader goes on after an entry that may be gone',
      async run(bench) {
        const passed = await bench.append(bench.entries(5, { until: bench.now - PASSED }));
        const needed = await bench.append(bench.entries(3));
        passed.push(...(await bench.append(bench.entries(5, { until: bench.now - PASSED }), bench.second)));
        const end = await bench.append(bench.entries(2), bench.second);
        for (const [at, { seq }] of passed.entries()) {
          const stored = await bench.stored(at % 2 ? bench.first : bench.second, seq);
          const kept = stored.filter(({ until }) => until === null || until >= bench.now);
          assert.deepEqual(kept, at < 5 ? [...needed, ...end] : end);
        }
      },
    },
  ],
};
