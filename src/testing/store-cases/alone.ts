import assert from 'node:assert/strict';
import { byId } from './by-id.js';
import type { StoreCases } from './case.js';
import { inParallel } from './in-parallel.js';

const BACKLOG = 1_000;
const STEP = 100;

export const aloneCases: StoreCases = {
  title: 'on a backend of its own',
  cases: [
    {
      title: 'sweep removes exactly the entries that have expired at now, to the millisecond',
      async run(bench) {
        const { first, now } = bench;
        const uid = bench.uid();
        const end = now + 50_000_000;
        const before = await bench.stored({ uid, expiresAt: end - 1 });
        const at = await bench.stored({ expiresAt: end });
        const tombstone = await bench.retired(null, end);
        const live = [
          await bench.stored({ uid, expiresAt: end + 1 }),
          await bench.stored({ expiresAt: null }),
          await bench.retired(uid, end + 1),
        ];
        const swept = await first.sweep(end, 100);
        if (swept.length > 0) {
          const told = swept.map(({ id, retired }) => ({ id, retired }));
          assert.deepEqual(
            byId(told),
            byId([
              { id: before.id, retired: undefined },
              { id: at.id, retired: undefined },
              { id: tombstone.id, retired: true },
            ]),
          );
          for (const { id } of [before, at, tombstone]) await bench.stored({ id });
        }
        for (const entry of live) assert.deepEqual(await first.load(entry.id, end), entry);
        assert.deepEqual(await first.sweep(end, 100), []);
      },
    },
    {
      title: 'sweep with a limit removes every expired entry in consecutive calls',
      async run(bench) {
        const { first, now } = bench;
        const end = now + 50_000_000;
        const ids: string[] = [];
        for (let count = 0; count < 7; count += 1) ids.push((await bench.stored({ expiresAt: end - count })).id);
        const taken: string[] = [];
        for (const expected of [3, 3, 1, 0]) {
          const swept = await first.sweep(end, 3);
          if (swept.length === 0) break;
          assert.equal(swept.length, expected);
          taken.push(...swept.map(({ id }) => id));
        }
        if (taken.length > 0) assert.deepEqual(taken.sort(), ids.sort());
      },
    },
    {
      title: 'sweep removes a backlog in many calls, and returns each entry once',
      async run(bench) {
        const end = bench.now + 50_000_000;
        const ids = await inParallel(
          Array.from({ length: BACKLOG }),
          async () => (await bench.stored({ expiresAt: end })).id,
        );
        const live = await bench.stored({ expiresAt: end + 1 });
        const taken: string[] = [];
        for (let calls = 0; ; calls += 1) {
          assert.ok(calls <= BACKLOG / STEP, 'it does not end');
          const swept = await (calls % 2 === 0 ? bench.first : bench.second).sweep(end, STEP);
          taken.push(...swept.map(({ id }) => id));
          if (swept.length < STEP) break;
        }
        if (taken.length > 0) assert.deepEqual(taken.sort(), ids.sort());
        assert.deepEqual(await bench.first.load(live.id, end), live);
      },
    },
    {
      title: 'deleteOfUser accepts uids that are property names of objects, or patterns',
      async run(bench) {
        const { first, now } = bench;
        for (const uid of ['__proto__', 'constructor', '*', '%', '_', '']) {
          const other = await bench.stored({ uid: bench.uid() });
          const ids = uid === '' ? [] : [(await bench.stored({ uid })).id, (await bench.stored({ uid })).id];
          assert.deepEqual([...(await first.deleteOfUser(uid))].sort(), ids.sort());
          assert.deepEqual(await first.ofUser(uid, now), []);
          assert.deepEqual(await first.load(other.id, now), other);
        }
      },
    },
  ],
};
