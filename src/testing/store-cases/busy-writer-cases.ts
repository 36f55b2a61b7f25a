import assert from 'node:assert/strict';
import { BusyWriter } from './busy-writer.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';

const ROUNDS = 10;

export const busyWriterCases: StoreCases = {
  title: 'while another client keeps writing a session',
  cases: [
    {
      title: 'retire with expectedVersion null ends it at the first attempt',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await bench.stored({ uid: bench.uid() });
          const tombstone = bench.tombstone(record.id, { reason: 'ended' });
          const writer = new BusyWriter(bench.second, record);
          await writer.wrote(1);
          assert.equal(await chance.soon(() => bench.first.retire(record.id, null, tombstone)), 'ok');
          await writer.isOver;
          assert.deepEqual(await bench.first.load(record.id, bench.now), tombstone);
        }
      },
    },
    {
      title: 'retire with expectedVersion null ends it although it was written since it was loaded',
      async run(bench) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await bench.stored({ uid: bench.uid() });
          const writer = new BusyWriter(bench.second, record);
          await writer.wrote(1);
          assert.ok(await bench.first.load(record.id, bench.now));
          await writer.wrote(3);
          const tombstone = bench.tombstone(record.id);
          assert.equal(await bench.first.retire(record.id, null, tombstone), 'ok');
          await writer.isOver;
          assert.deepEqual(await bench.first.load(record.id, bench.now), tombstone);
        }
      },
    },
    {
      title: 'deleteOfUser ends all sessions of the user in one call',
      async run(bench) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const uid = bench.uid();
          const record = await bench.stored({ uid });
          const other = await bench.stored({ uid });
          const writer = new BusyWriter(bench.second, record);
          await writer.wrote(2);
          const { id: _, ...tombstone } = bench.tombstone(record.id);
          const options = round % 2 === 0 ? {} : { limit: 5, tombstone };
          const ended = await bench.first.deleteOfUser(uid, undefined, options);
          assert.deepEqual([...ended].sort(), [record.id, other.id].sort());
          await writer.isOver;
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
  ],
};
