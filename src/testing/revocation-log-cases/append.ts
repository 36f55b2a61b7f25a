import assert from 'node:assert/strict';
import type { RevocationLogCases } from './case.js';

export const appendCases: RevocationLogCases = {
  title: 'append',
  cases: [
    {
      title: 'resolves with the position at which every process reads the entry',
      async run(bench) {
        const start = await bench.mark();
        const appended = [
          ...(await bench.append(bench.entries(2))),
          ...(await bench.append(bench.entries(2), bench.second)),
        ];
        for (const log of [bench.first, bench.second, await bench.open()]) {
          assert.deepEqual(await bench.stored(log, start), appended);
        }
      },
    },
    {
      title: 'gives every entry a position of its own, also when many are appended at the same time',
      async run(bench) {
        const appended = await Promise.all([
          bench.appendTogether(bench.entries(100)),
          bench.appendTogether(bench.entries(100), bench.second),
        ]);
        const positions = new Set(appended.flat().map(({ seq }) => seq));
        assert.equal(positions.size, 200);
      },
    },
    {
      title: 'may be called again with the same entry: it is read at each position that was returned',
      async run(bench) {
        const start = await bench.mark();
        const entry = bench.entry();
        const appended = [
          ...(await bench.append([entry, entry])),
          ...(await bench.append([entry, bench.entry()], bench.second)),
        ];
        const stored = await bench.stored(bench.second, start);
        for (const one of appended) {
          assert.deepEqual(
            stored.filter(({ seq }) => seq === one.seq),
            [one],
          );
        }
      },
    },
    {
      title: "has guarantee 'log' or 'instances', the same in every process",
      async run(bench) {
        assert.match(bench.first.guarantee, /^(?:log|instances)$/);
        assert.equal(bench.second.guarantee, bench.first.guarantee);
      },
    },
  ],
};
