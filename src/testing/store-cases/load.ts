import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { MALFORMED_IDS } from './malformed.js';

export const loadCases: StoreCases = {
  title: 'load',
  cases: [
    {
      title: 'returns a tombstone exactly as written, with or without a reason and a successor',
      async run(bench) {
        for (const retired of [
          {},
          { successor: bench.id() },
          { reason: 'signed out | "\u{1f44b}"\n' },
          { reason: '' },
        ]) {
          const { id, version } = await bench.stored();
          const tombstone = bench.tombstone(id, retired);
          await bench.first.retire(id, version, tombstone);
          assert.deepEqual(await bench.first.load(id, bench.now), tombstone);
        }
      },
    },
    {
      title: 'returns undefined for an unknown id',
      async run(bench) {
        const { id } = await bench.stored();
        for (const unknown of [bench.id(), id.slice(0, -1), `${id}0`, id.toLowerCase()]) {
          assert.equal(await bench.first.load(unknown, bench.now), undefined);
        }
      },
    },
    {
      title: 'returns undefined for a malformed id',
      async run(bench) {
        for (const id of MALFORMED_IDS) assert.equal(await bench.first.load(id, bench.now), undefined);
      },
    },
    {
      title: 'returns a record until the millisecond at which it expires, then undefined',
      async run(bench) {
        const record = await bench.stored();
        const { id } = record;
        const expiresAt = record.expiresAt ?? 0;
        for (const now of [0, expiresAt - 1]) assert.deepEqual(await bench.first.load(id, now), record);
        for (const now of [expiresAt, expiresAt + 1]) assert.equal(await bench.first.load(id, now), undefined);
      },
    },
    {
      title: 'returns a tombstone until the millisecond at which it expires, then undefined',
      async run(bench) {
        const tombstone = await bench.retired();
        const { id, expiresAt } = tombstone;
        for (const now of [0, expiresAt - 1]) assert.deepEqual(await bench.first.load(id, now), tombstone);
        for (const now of [expiresAt, expiresAt + 1]) assert.equal(await bench.first.load(id, now), undefined);
      },
    },
    {
      title: 'returns a record that never expires at any time',
      async run(bench) {
        const record = await bench.stored({ expiresAt: null });
        for (const now of [0, bench.now, 8_640_000_000_000_000]) {
          assert.deepEqual(await bench.first.load(record.id, now), record);
        }
      },
    },
    {
      title: 'returns an object that is frozen, or whose changes do not affect the store',
      async run(bench) {
        const record = await bench.stored();
        const tombstone = await bench.retired();
        for (const kept of [record, tombstone]) {
          const loaded = await bench.first.load(kept.id, bench.now);
          assert.ok(loaded);
          Reflect.set(loaded, 'version', 99);
          Reflect.set(loaded, 'expiresAt', 1);
          if ('retired' in loaded) Reflect.set(loaded.retired, 'successor', 'somebody');
          assert.deepEqual(await bench.first.load(kept.id, bench.now), kept);
        }
      },
    },
  ],
};
