import assert from 'node:assert/strict';
import type { CaseBench } from './bench.js';
import type { StoreCases } from './case.js';
import { inParallel } from './in-parallel.js';

export const endOfUserCases: StoreCases = {
  title: 'deleteOfUser with a limit or a tombstone',
  cases: [
    {
      title: 'ends at most limit sessions per call, fewer only when none is left, and each once',
      async run(bench) {
        for (const [count, limit, expected] of [
          [7, 3, [3, 3, 1]],
          [4, 2, [2, 2, 0]],
          [2, 5, [2]],
        ] as const) {
          const uid = bench.uid();
          const ids = await storedIds(bench, uid, count);
          const ended: string[] = [];
          for (const [call, most] of expected.entries()) {
            const client = call % 2 === 0 ? bench.first : bench.second;
            const step = await client.deleteOfUser(uid, undefined, { limit });
            assert.equal(step.length, most);
            ended.push(...step);
            const left = (await bench.first.ofUser(uid, bench.now)).map(({ id }) => id);
            assert.deepEqual([...left, ...ended].sort(), [...ids].sort());
          }
          for (const id of ids) assert.equal(await bench.first.load(id, bench.now), undefined);
        }
      },
    },
    {
      title: 'keeps the session that except names, and does not count it towards limit',
      async run(bench) {
        const uid = bench.uid();
        const lineage = bench.id();
        const [kept, rotated] = [await bench.stored({ uid, lineage }), await bench.stored({ uid, lineage })];
        const ids = await storedIds(bench, uid, 5);
        const ended: string[] = [];
        for (const [except, most] of [
          [lineage, 2],
          [kept.id, 2],
          [lineage, 1],
        ] as const) {
          const step = await bench.first.deleteOfUser(uid, except, { limit: 2 });
          assert.equal(step.length, most);
          ended.push(...step);
        }
        assert.deepEqual(ended.sort(), [...ids].sort());
        for (const record of [kept, rotated]) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'replaces each session with the tombstone, as retire does',
      async run(bench) {
        const uid = bench.uid();
        const ids = await storedIds(bench, uid, 3);
        const spared = await bench.stored({ uid });
        const retired = { successor: null, at: bench.now, reason: 'signed out | "everywhere"' };
        const expiresAt = bench.now + 50_000_000;
        const ended = await bench.first.deleteOfUser(uid, spared.id, { tombstone: { retired, expiresAt } });
        assert.deepEqual([...ended].sort(), [...ids].sort());
        for (const id of ids) {
          assert.deepEqual(await bench.second.load(id, expiresAt - 1), { id, retired, expiresAt });
          assert.equal(await bench.first.load(id, expiresAt), undefined);
          assert.equal(await bench.first.touch(id, uid, bench.now + 1, null), false);
          assert.equal(await bench.first.update(bench.record({ id, uid })), 'gone');
          assert.equal(await bench.first.retire(id, null, bench.tombstone(id)), 'gone');
        }
        assert.deepEqual(await bench.second.ofUser(uid, bench.now), [spared]);
        assert.deepEqual(await bench.first.deleteOfUser(uid), [spared.id]);
        assert.deepEqual(await bench.first.load(ids[0] ?? '', bench.now), { id: ids[0], retired, expiresAt });
      },
    },
    {
      title: 'replaces no tombstone, and with a limit continues with the sessions that are left',
      async run(bench) {
        const uid = bench.uid();
        const earlier = await bench.retired(uid);
        const ids = await storedIds(bench, uid, 5);
        const retired = { successor: null, at: bench.now, reason: 'ended' };
        const options = { limit: 2, tombstone: { retired, expiresAt: bench.now + 50_000_000 } };
        const ended: string[] = [];
        for (const most of [2, 2, 1]) {
          const step = await bench.first.deleteOfUser(uid, undefined, options);
          assert.equal(step.length, most);
          ended.push(...step);
        }
        assert.deepEqual(ended.sort(), [...ids].sort());
        assert.deepEqual(await bench.first.deleteOfUser(uid, undefined, options), []);
        assert.deepEqual(await bench.first.load(earlier.id, bench.now), earlier);
        for (const id of ids) {
          assert.deepEqual(await bench.first.load(id, bench.now), { id, ...options.tombstone });
        }
      },
    },
  ],
};

async function storedIds(bench: CaseBench, uid: string, count: number): Promise<readonly string[]> {
  return await inParallel(Array.from({ length: count }), async () => (await bench.stored({ uid })).id);
}
