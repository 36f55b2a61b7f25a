import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

export const deleteCases: StoreCases = {
  title: 'delete',
  cases: [
    {
      title: 'removes a session and returns true, once',
      async run(bench) {
        const uid = bench.uid();
        const { id } = await bench.stored({ uid });
        const other = await bench.stored({ uid });
        assert.equal(await bench.first.delete(id), true);
        for (const client of [bench.first, bench.second]) {
          assert.equal(await client.load(id, bench.now), undefined);
          assert.deepEqual(await client.ofUser(uid, bench.now), [other]);
        }
        assert.equal(await bench.second.delete(id), false);
        assert.deepEqual(await bench.first.deleteOfUser(uid), [other.id]);
      },
    },
    {
      title: 'removes a tombstone and returns false',
      async run(bench) {
        const { id } = await bench.retired(bench.uid());
        assert.equal(await bench.first.delete(id), false);
        assert.equal(await bench.first.load(id, bench.now), undefined);
        await bench.stored({ id });
      },
    },
    {
      title: 'returns false when there is no entry',
      async run(bench) {
        assert.equal(await bench.first.delete(bench.id()), false);
      },
    },
    {
      title: 'returns false for a malformed id',
      async run(bench) {
        for (const id of MALFORMED_IDS) assert.equal(await bench.first.delete(id), false);
      },
    },
  ],
};
