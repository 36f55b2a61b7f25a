import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

export const retireCases: StoreCases = {
  title: 'retire',
  cases: [
    {
      title: 'replaces a record with a tombstone when its version is expectedVersion',
      async run(bench) {
        const record = await bench.stored({ uid: bench.uid(), version: 3 });
        const tombstone = bench.tombstone(record.id, { successor: bench.id() });
        assert.equal(await bench.first.retire(record.id, 3, tombstone), 'ok');
        for (const client of [bench.first, bench.second]) {
          assert.deepEqual(await client.load(record.id, bench.now), tombstone);
        }
      },
    },
    {
      title: "returns 'conflict' for an older or newer version, and changes nothing",
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid, version: 3 });
        for (const version of [0, 2, 4]) {
          assert.equal(await bench.first.retire(record.id, version, bench.tombstone(record.id)), 'conflict');
        }
        assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [record]);
      },
    },
    {
      title: 'replaces a record of any version when expectedVersion is null',
      async run(bench) {
        for (const version of [0, 3, 2 ** 31]) {
          const { id } = await bench.stored({ uid: bench.uid(), version });
          const tombstone = bench.tombstone(id, { reason: 'ended' });
          assert.equal(await bench.first.retire(id, null, tombstone), 'ok');
          assert.deepEqual(await bench.second.load(id, bench.now), tombstone);
        }
      },
    },
    {
      title: "returns 'gone' when there is no record, and stores no tombstone",
      async run(bench) {
        const { id } = bench.record();
        for (const version of [0, null]) {
          assert.equal(await bench.first.retire(id, version, bench.tombstone(id)), 'gone');
          assert.equal(await bench.first.load(id, bench.now), undefined);
        }
        await bench.stored({ id });
        for (const malformed of MALFORMED_IDS) {
          assert.equal(await bench.first.retire(malformed, 0, bench.tombstone(malformed)), 'gone');
          assert.equal(await bench.first.retire(malformed, null, bench.tombstone(malformed)), 'gone');
        }
      },
    },
    {
      title: "returns 'gone' when there is a tombstone, which stays unchanged",
      async run(bench) {
        const tombstone = await bench.retired();
        const { id } = tombstone;
        for (const version of [0, 1, null]) {
          assert.equal(await bench.first.retire(id, version, bench.tombstone(id, { reason: 'again' })), 'gone');
        }
        assert.deepEqual(await bench.first.load(id, bench.now), tombstone);
      },
    },
    {
      title: 'removes the session from those of its user',
      async run(bench) {
        const uid = bench.uid();
        const { id } = await bench.retired(uid);
        const other = await bench.stored({ uid });
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [other]);
        assert.deepEqual(await bench.first.deleteOfUser(uid), [other.id]);
        assert.ok(await bench.first.load(id, bench.now));
      },
    },
    {
      title: 'is not affected by later changes to the object that was passed',
      async run(bench) {
        const { id } = await bench.stored();
        const tombstone = bench.tombstone(id);
        const kept = structuredClone(tombstone);
        await bench.first.retire(id, 0, tombstone);
        Reflect.set(tombstone.retired, 'successor', 'somebody');
        assert.deepEqual(await bench.first.load(id, bench.now), kept);
      },
    },
  ],
};
