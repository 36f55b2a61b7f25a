import assert from 'node:assert/strict';
import { HOUR } from './bench.js';
import type { BusCases } from './case.js';
import { ODD_TEXTS, SIMILAR_ENDS } from './odd-texts.js';

export const valueCases: BusCases = {
  title: 'put and take',
  cases: [
    {
      title: 'a value is returned once, and unknown keys have none',
      async run(bench) {
        const key = bench.name();
        assert.equal(await bench.second.take(key), undefined);
        await bench.first.put(key, 'value', HOUR);
        assert.equal(await bench.second.take(key), 'value');
        assert.equal(await bench.second.take(key), undefined);
        assert.equal(await bench.first.take(key), undefined);
      },
    },
    {
      title: 'of several that take at the same time, one gets the value',
      async run(bench) {
        for (let round = 0; round < 20; round += 1) {
          const key = bench.name();
          await bench.first.put(key, 'value', HOUR);
          const takers = Array.from({ length: 6 }, (_, at) => (at % 2 ? bench.first : bench.second).take(key));
          assert.deepEqual(
            (await Promise.all(takers)).filter((value) => value !== undefined),
            ['value'],
          );
        }
      },
    },
    {
      title: 'a value that is too old is gone',
      async run(bench) {
        const key = bench.name();
        await bench.first.put(key, 'value', 1);
        await bench.outlived(bench.first);
        assert.equal(await bench.second.take(key), undefined);
      },
    },
    {
      title: 'a later put replaces the value',
      async run(bench) {
        const key = bench.name();
        await bench.first.put(key, 'old', HOUR);
        await bench.second.put(key, 'new', HOUR);
        assert.equal(await bench.first.take(key), 'new');
      },
    },
    {
      title: 'values may be any well-formed string, and similar keys are kept apart',
      async run(bench) {
        const start = bench.name();
        const keys = [...SIMILAR_ENDS, 'x'.repeat(270)].map((end) => start + end);
        const values = keys.map((_, at) => ODD_TEXTS[at % ODD_TEXTS.length]);
        for (const [at, key] of keys.entries()) await bench.first.put(key, values[at] ?? '', HOUR);
        for (const [at, key] of keys.entries()) assert.equal(await bench.second.take(key), values[at]);
      },
    },
  ],
};
