import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';
import { rotate } from './rotate.js';

export const deleteAllCases: StoreCases = {
  title: 'deleteAll (optional)',
  cases: [
    {
      title: 'removes all sessions and tombstones, and returns the number of sessions or undefined',
      async run(bench) {
        const { first, now } = bench;
        if (first.deleteAll === undefined) return;
        const uid = bench.uid();
        const entries = [
          await bench.stored({ uid }),
          await bench.stored(),
          await bench.stored({ expiresAt: null }),
          await bench.retired(uid),
        ];
        const count = await first.deleteAll();
        assert.ok(count === 3 || count === undefined);
        for (const { id } of entries) assert.equal(await bench.second.load(id, now), undefined);
        assert.deepEqual(await first.ofUser(uid, now), []);
        for (const { id } of entries) await bench.stored({ id, uid });
        assert.equal((await first.ofUser(uid, now)).length, entries.length);
      },
    },
    {
      title: 'resolves when there is nothing to remove',
      async run({ first }) {
        if (first.deleteAll === undefined) return;
        const count = await first.deleteAll();
        assert.ok(count === 0 || count === undefined);
      },
    },
    {
      title: 'also removes a session that is being rotated meanwhile',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < 25; round += 1) {
          const record = await bench.stored({ uid: round % 2 === 0 ? bench.uid() : null });
          for (let others = chance.roll(5); others > 0; others -= 1) await bench.stored({ uid: record.uid });
          const [successor] = await Promise.all([
            chance.soon(() => rotate(bench, bench.second, record, chance)),
            chance.soon(async () => bench.first.deleteAll?.()),
          ]);
          if (bench.first.deleteAll !== undefined)
            assert.equal(await bench.first.load(successor, bench.now), undefined);
        }
      },
    },
  ],
};
