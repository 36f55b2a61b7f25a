import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS, MALFORMED_UIDS } from './malformed.js';

export const deleteOfUserCases: StoreCases = {
  title: 'deleteOfUser',
  cases: [
    {
      title: 'removes the sessions of a user, returns their ids, and keeps those of others',
      async run(bench) {
        const uid = bench.uid();
        const own = [await bench.stored({ uid }), await bench.stored({ uid, expiresAt: null })];
        const others = [await bench.stored({ uid: bench.uid() }), await bench.stored()];
        assert.deepEqual([...(await bench.first.deleteOfUser(uid))].sort(), own.map(({ id }) => id).sort());
        for (const client of [bench.first, bench.second]) {
          assert.deepEqual(await client.ofUser(uid, bench.now), []);
          for (const { id } of own) assert.equal(await client.load(id, bench.now), undefined);
          for (const other of others) assert.deepEqual(await client.load(other.id, bench.now), other);
        }
        assert.deepEqual(await bench.first.deleteOfUser(uid), []);
      },
    },
    {
      title: 'removes expired sessions too',
      async run(bench) {
        const uid = bench.uid();
        const expired = await bench.stored({ uid, expiresAt: 1 });
        const live = await bench.stored({ uid });
        const ended = await bench.first.deleteOfUser(uid);
        assert.deepEqual(
          ended.filter((id) => id !== expired.id),
          [live.id],
        );
        await bench.first.create(expired);
      },
    },
    {
      title: 'keeps the session that except names by its current id, with all records of its lineage',
      async run(bench) {
        const uid = bench.uid();
        const lineage = bench.id();
        const kept = await bench.stored({ uid, lineage });
        const rotated = await bench.stored({ uid, lineage, expiresAt: null });
        const ended = [await bench.stored({ uid }), await bench.stored({ uid })];
        assert.deepEqual([...(await bench.first.deleteOfUser(uid, kept.id))].sort(), ended.map(({ id }) => id).sort());
        for (const record of [kept, rotated]) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        for (const { id } of ended) assert.equal(await bench.first.load(id, bench.now), undefined);
        assert.deepEqual(await bench.first.deleteOfUser(uid, kept.id), []);
      },
    },
    {
      title: 'keeps the session that except names by its lineage, with all records of that lineage',
      async run(bench) {
        const uid = bench.uid();
        const first = await bench.stored({ uid });
        const { lineage } = first;
        const kept = await bench.stored({ uid, lineage });
        const { id } = await bench.stored({ uid });
        assert.deepEqual(await bench.first.deleteOfUser(uid, lineage), [id]);
        for (const record of [first, kept]) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        // A lineage names a session long after its first id did.
        await bench.first.delete(first.id);
        const other = await bench.stored({ uid });
        assert.deepEqual(await bench.second.deleteOfUser(uid, lineage), [other.id]);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [kept]);
      },
    },
    {
      title: 'keeps no session when except names no session of the user',
      async run(bench) {
        const uid = bench.uid();
        const strange = await bench.stored({ uid: bench.uid() });
        for (const except of [bench.id(), strange.id, ...MALFORMED_IDS]) {
          const { id } = await bench.stored({ uid });
          assert.deepEqual(await bench.first.deleteOfUser(uid, except), [id]);
        }
        assert.deepEqual(await bench.first.load(strange.id, bench.now), strange);
      },
    },
    {
      title: 'keeps tombstones',
      async run(bench) {
        const uid = bench.uid();
        const tombstone = await bench.retired(uid);
        const { id } = await bench.stored({ uid });
        assert.deepEqual(await bench.first.deleteOfUser(uid), [id]);
        assert.deepEqual(await bench.first.load(tombstone.id, bench.now), tombstone);
      },
    },
    {
      title: 'returns an empty list for a uid that is unknown or malformed',
      async run(bench) {
        for (const uid of [bench.uid(), ...MALFORMED_UIDS]) assert.deepEqual(await bench.first.deleteOfUser(uid), []);
      },
    },
    {
      title: 'lets the user start new sessions under the same ids',
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid });
        await bench.first.deleteOfUser(uid);
        await bench.first.create(record);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [record]);
      },
    },
  ],
};
