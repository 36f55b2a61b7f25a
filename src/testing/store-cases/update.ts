import assert from 'node:assert/strict';
import type { SessionRecord } from '../../ports/store.js';
import type { CaseBench } from './bench.js';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

export const updateCases: StoreCases = {
  title: 'update',
  cases: [
    {
      title: 'replaces a record of the same version, and increments the version',
      async run(bench) {
        let record = await bench.stored({ uid: bench.uid(), version: 5 });
        for (let turn = 1; turn <= 3; turn += 1) {
          const changed = {
            ...record,
            body: `{"turn":${turn}}`,
            lastAccess: bench.now + turn,
            lastUpdate: bench.now + turn,
            expiresAt: bench.now + 1_000_000 * turn,
          };
          assert.equal(await bench.first.update(changed), 'ok');
          record = { ...changed, version: 5 + turn };
          assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        }
      },
    },
    {
      title: "returns 'conflict' for an older or newer version, and changes nothing",
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid, version: 5 });
        for (const version of [0, 4, 6, 2 ** 31]) {
          const changed = {
            ...bench.record({ id: record.id }),
            version,
            uid: bench.uid(),
            body: '{"lost":true}',
            expiresAt: null,
          };
          assert.equal(await bench.first.update(changed), 'conflict');
          assert.deepEqual(await bench.first.ofUser(changed.uid, bench.now), []);
        }
        assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [record]);
      },
    },
    {
      title: "returns 'gone' when there is no record, and does not create one",
      async run(bench) {
        const uid = bench.uid();
        const never = bench.record({ uid });
        const deleted = await bench.stored({ uid });
        await bench.first.delete(deleted.id);
        for (const record of [never, deleted]) {
          assert.equal(await bench.first.update(record), 'gone');
          assert.equal(await bench.first.load(record.id, bench.now), undefined);
          await bench.first.create(record);
          await bench.first.delete(record.id);
        }
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        for (const id of MALFORMED_IDS) assert.equal(await bench.first.update(bench.record({ id })), 'gone');
      },
    },
    {
      title: "returns 'gone' when there is a tombstone, which stays",
      async run(bench) {
        const uid = bench.uid();
        const tombstone = await bench.retired(uid);
        for (const version of [0, 1]) {
          assert.equal(await bench.first.update(bench.record({ id: tombstone.id, uid, version })), 'gone');
        }
        assert.deepEqual(await bench.first.load(tombstone.id, bench.now), tombstone);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
      },
    },
    {
      title: 'keeps a later lastAccess of a touch, and then the later of the two expiries; null is the latest',
      async run(bench) {
        const { now } = bench;
        for (const [touched, updated, kept] of [
          [now + 5_000_000, now + 4_000_000, now + 5_000_000],
          [now + 4_000_000, now + 5_000_000, now + 5_000_000],
          [null, now + 5_000_000, null],
          [now + 5_000_000, null, null],
          [null, null, null],
        ] as const) {
          const record = await bench.stored({ expiresAt: now + 1_000_000 });
          await bench.second.touch(record.id, record.uid, now + 1000, touched);
          const changed = {
            ...record,
            lastAccess: now + 999,
            lastUpdate: now + 999,
            body: '{"x":1}',
            expiresAt: updated,
          };
          assert.equal(await bench.first.update(changed), 'ok');
          const left = { ...changed, version: 1, lastAccess: now + 1000, expiresAt: kept };
          assert.deepEqual(await bench.first.load(record.id, now), left);
        }
      },
    },
    {
      title: 'sets an earlier or later expiry when the stored lastAccess is not later',
      async run(bench) {
        const { now } = bench;
        for (const [stored, updated] of [
          [now + 5_000_000, now + 4_000_000],
          [now + 5_000_000, null],
          [null, now + 4_000_000],
        ] as const) {
          for (const lastAccess of [now - 1, now]) {
            const record = await bench.stored({ expiresAt: stored });
            assert.equal(await bench.first.update({ ...record, lastAccess, expiresAt: updated }), 'ok');
            const changed = { ...record, version: 1, lastAccess, expiresAt: updated };
            assert.deepEqual(await bench.first.load(record.id, now), changed);
          }
        }
      },
    },
    {
      title: 'replaces created, lastUpdate and lineage too, also with earlier times',
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid });
        const changed = { ...record, created: 1, lastUpdate: 2, lineage: 'new-lineage' };
        assert.equal(await bench.first.update(changed), 'ok');
        assert.deepEqual(await bench.first.load(record.id, bench.now), { ...changed, version: 1 });
        const other = await bench.stored({ uid, lineage: 'new-lineage' });
        const rest = await bench.stored({ uid, lineage: record.lineage });
        assert.deepEqual(await bench.first.deleteOfUser(uid, other.id), [rest.id]);
      },
    },
    {
      title: 'makes ofUser see a changed uid at once: to a user, to another user, and to null',
      async run(bench) {
        const [one, other] = [bench.uid(), bench.uid()];
        let record = await bench.stored();
        for (const uid of [one, other, null, one]) {
          assert.equal(await bench.first.update({ ...record, uid }), 'ok');
          record = { ...record, uid, version: record.version + 1 };
          await isOfOnly(bench, record, [one, other]);
        }
      },
    },
    {
      title: 'makes deleteOfUser see a changed uid at once',
      async run(bench) {
        const [one, other] = [bench.uid(), bench.uid()];
        const record = await bench.stored({ uid: one });
        await bench.first.update({ ...record, uid: other });
        assert.deepEqual(await bench.second.deleteOfUser(one), []);
        assert.deepEqual(await bench.first.deleteOfUser(other), [record.id]);
        assert.equal(await bench.first.load(record.id, bench.now), undefined);
      },
    },
    {
      title: 'is not affected by later changes to the object that was passed',
      async run(bench) {
        const given = { ...(await bench.stored()), body: '{"x":1}' };
        const kept = { ...given, version: 1 };
        await bench.first.update(given);
        given.body = '{"changed":true}';
        assert.deepEqual(await bench.first.load(kept.id, bench.now), kept);
      },
    },
  ],
};

async function isOfOnly(bench: CaseBench, record: SessionRecord, uids: readonly string[]): Promise<void> {
  for (const uid of uids) {
    for (const client of [bench.first, bench.second]) {
      assert.deepEqual(await client.ofUser(uid, bench.now), uid === record.uid ? [record] : []);
    }
  }
}
