import assert from 'node:assert/strict';
import { SessionAlreadyExists } from '../../errors.js';
import type { CaseBench } from './bench.js';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

const LAST_MOMENT = 8_640_000_000_000_000;

export const createCases: StoreCases = {
  title: 'create',
  cases: [
    {
      title: 'stores a new record unchanged',
      async run(bench) {
        const records = [
          bench.record(),
          bench.record({ uid: bench.uid(), lineage: 'another', version: 7, expiresAt: null }),
          bench.record({ created: 0, lastAccess: 0, lastUpdate: 0, expiresAt: LAST_MOMENT }),
          bench.record({ created: LAST_MOMENT, lastAccess: LAST_MOMENT, lastUpdate: LAST_MOMENT, version: 2 ** 31 }),
          bench.record({ created: 1, lastAccess: bench.now + 1000, lastUpdate: 2 ** 31 }),
        ];
        for (const record of records) {
          assert.equal(await bench.first.create(record), undefined);
          assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        }
      },
    },
    {
      title: 'stores a record that has already expired, which load never returns',
      async run(bench) {
        const record = await bench.stored({ expiresAt: bench.now - 1 });
        assert.equal(await bench.first.load(record.id, bench.now), undefined);
        const oldest = await bench.stored({ expiresAt: 0 });
        assert.equal(await bench.first.load(oldest.id, bench.now), undefined);
      },
    },
    {
      title: 'rejects with SessionAlreadyExists when there is a session with this id, which stays as it was',
      async run(bench) {
        const record = await bench.stored({ uid: bench.uid() });
        await rejectsAsTaken(bench, record.id);
        assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'rejects with SessionAlreadyExists when there is a tombstone with this id, which stays as it was',
      async run(bench) {
        const tombstone = await bench.retired();
        await rejectsAsTaken(bench, tombstone.id);
        assert.deepEqual(await bench.first.load(tombstone.id, bench.now), tombstone);
      },
    },
    {
      title: 'leaves nothing of a rejected record behind, also not among the sessions of its user',
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid: bench.uid() });
        await assert.rejects(bench.first.create({ ...record, uid, expiresAt: null }), SessionAlreadyExists);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        assert.deepEqual(await bench.first.deleteOfUser(uid), []);
        assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'stores a record under an id that was deleted',
      async run(bench) {
        const record = await bench.stored({ uid: bench.uid(), version: 3 });
        await bench.first.delete(record.id);
        const next = await bench.stored({ id: record.id, body: '{"next":true}' });
        assert.deepEqual(await bench.first.load(record.id, bench.now), next);
      },
    },
    {
      title: 'keeps the session named by replaces until it is retired',
      async run(bench) {
        const uid = bench.uid();
        let present = await bench.stored({ uid });
        for (let turn = 1; turn <= 5; turn += 1) {
          const next = bench.record({ uid, lineage: present.lineage, body: `{"turn":${turn}}` });
          assert.equal(await bench.first.create(next, present.id), undefined);
          for (const record of [present, next]) assert.deepEqual(await bench.second.load(record.id, bench.now), record);
          const tombstone = bench.tombstone(present.id, { successor: next.id });
          assert.equal(await bench.first.retire(present.id, present.version, tombstone), 'ok');
          assert.deepEqual(await bench.second.ofUser(uid, bench.now), [next]);
          present = next;
        }
      },
    },
    {
      title: 'stores the record when replaces names no session, or is malformed',
      async run(bench) {
        const { id: ended } = await bench.retired();
        for (const replaces of [bench.id(), ended, ...MALFORMED_IDS]) {
          const record = bench.record();
          await bench.first.create(record, replaces);
          assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        }
      },
    },
    {
      title: 'is not affected by later changes to the object that was passed',
      async run(bench) {
        const given = { ...bench.record() };
        const kept = { ...given };
        await bench.first.create(given);
        given.body = '{"changed":true}';
        given.version = 99;
        assert.deepEqual(await bench.first.load(kept.id, bench.now), kept);
      },
    },
  ],
};

async function rejectsAsTaken(bench: CaseBench, id: string): Promise<void> {
  for (const client of [bench.first, bench.second]) {
    await assert.rejects(client.create(bench.record({ id, body: '{"another":true}' })), SessionAlreadyExists);
  }
}
