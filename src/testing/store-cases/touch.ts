import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

export const touchCases: StoreCases = {
  title: 'touch',
  cases: [
    {
      title: 'sets lastAccess and expiresAt of a record and nothing else; the version stays',
      async run(bench) {
        const uid = bench.uid();
        for (const owner of [null, uid]) {
          const record = await bench.stored({ uid: owner, version: 4 });
          const { id } = record;
          const expiresAt = bench.now + 100_000_000;
          assert.equal(await bench.first.touch(id, owner, bench.now, expiresAt), true);
          const moved = { ...record, lastAccess: bench.now, expiresAt };
          assert.deepEqual(await bench.first.load(id, bench.now), moved);
          assert.deepEqual(await bench.first.load(id, expiresAt - 1), moved);
          assert.equal(await bench.first.load(id, expiresAt), undefined);
          if (owner !== null) assert.deepEqual(await bench.first.ofUser(owner, expiresAt - 1), [moved]);
          assert.equal(await bench.first.update({ ...moved, body: '{"x":1}' }), 'ok');
        }
      },
    },
    {
      title: 'sets the expiry as given: from a time to null, from null to a time, or to an earlier time',
      async run(bench) {
        const { now } = bench;
        const record = await bench.stored({ expiresAt: now + 1_000_000 });
        for (const [step, expiresAt] of [null, now + 5_000_000, now + 4_000_000].entries()) {
          assert.equal(await bench.first.touch(record.id, null, now + step, expiresAt), true);
          assert.deepEqual(await bench.first.load(record.id, now), { ...record, lastAccess: now + step, expiresAt });
        }
      },
    },
    {
      title: 'changes nothing when lastAccess is not later than the stored one, and returns true',
      async run(bench) {
        const record = await bench.stored({ lastAccess: bench.now });
        for (const lastAccess of [bench.now, bench.now - 1, 0]) {
          for (const expiresAt of [bench.now + 100_000_000, bench.now + 1_000_000, null]) {
            assert.equal(await bench.first.touch(record.id, null, lastAccess, expiresAt), true);
          }
        }
        assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'returns false when there is no record, and does not create one',
      async run(bench) {
        const uid = bench.uid();
        const never = bench.record({ uid });
        const deleted = await bench.stored({ uid });
        await bench.first.delete(deleted.id);
        for (const { id } of [never, deleted]) {
          assert.equal(await bench.first.touch(id, uid, bench.now, null), false);
          assert.equal(await bench.first.load(id, bench.now), undefined);
        }
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        await bench.first.create(never);
      },
    },
    {
      title: 'returns false for a malformed id',
      async run(bench) {
        for (const id of MALFORMED_IDS) assert.equal(await bench.first.touch(id, null, bench.now, null), false);
      },
    },
    {
      title: 'returns false when there is a tombstone, which stays unchanged',
      async run(bench) {
        const uid = bench.uid();
        const tombstone = await bench.retired(uid);
        assert.equal(await bench.first.touch(tombstone.id, uid, bench.now + 1000, null), false);
        assert.deepEqual(await bench.first.load(tombstone.id, bench.now), tombstone);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
      },
    },
  ],
};
