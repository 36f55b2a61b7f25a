import assert from 'node:assert/strict';
import { StoreUnavailable } from '../../errors.js';
import type { StoreCases } from './case.js';

export const closeCases: StoreCases = {
  title: 'close',
  cases: [
    {
      title: 'may be called twice, one after the other or at the same time',
      async run(bench) {
        const store = await bench.open();
        await Promise.all([store.close(), store.close()]);
        assert.equal(await store.close(), undefined);
      },
    },
    {
      title: 'makes every later operation reject with StoreUnavailable',
      async run(bench) {
        const record = bench.record({ uid: bench.uid() });
        const { id } = record;
        const store = await bench.open();
        await store.create(record);
        await store.close();
        for (const operate of [
          () => store.create(bench.record()),
          () => store.load(id, bench.now),
          () => store.update(record),
          () => store.touch(id, record.uid, bench.now, null),
          () => store.retire(id, 0, bench.tombstone(id)),
          () => store.delete(id),
          () => store.ofUser(record.uid ?? '', bench.now),
          () => store.deleteOfUser(record.uid ?? ''),
          () => store.sweep(0, 1),
          ...(store.deleteAll === undefined ? [] : [() => store.deleteAll?.()]),
        ]) {
          await assert.rejects(async () => operate(), StoreUnavailable);
        }
      },
    },
    {
      title: 'leaves other clients usable, with everything the closed one wrote',
      async run(bench) {
        const store = await bench.open();
        const record = bench.record();
        await store.create(record);
        const other = await bench.stored();
        await store.close();
        assert.deepEqual(await bench.first.load(other.id, bench.now), other);
        // A store that only this process knows of takes with it what it held.
        if (bench.first.reach !== 'process') assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
  ],
};
