import assert from 'node:assert/strict';
import { StoreUnavailable } from '../../errors.js';
import { HOUR, KEEP } from './bench.js';
import type { BusCases } from './case.js';

export const closeCases: BusCases = {
  title: 'close',
  cases: [
    {
      title: 'may be called twice, and stops every connection of the bus',
      async run(bench) {
        const topic = bench.name();
        const bus = await bench.open();
        const ear = await bench.ear(bus, topic);
        await Promise.all([bus.close(), bus.close()]);
        await bench.publish(topic, ['late']);
        assert.equal(await bus.close(), undefined);
        assert.equal(await ear.connection.close(), undefined);
        assert.deepEqual(ear.bodies, []);
      },
    },
    {
      title: 'makes every later operation reject with StoreUnavailable',
      async run(bench) {
        const bus = await bench.open();
        const { connection } = await bench.ear(bus);
        await bus.close();
        for (const operate of [
          () => bus.publish(bench.name(), 'late', KEEP),
          () => bus.connect({ message() {}, missed() {} }),
          () => connection.listen(bench.name()),
          () => bus.position(),
          () => bus.history([], ''),
          () => bus.put(bench.name(), 'late', HOUR),
          () => bus.take(bench.name()),
          () => bus.stamp([bench.tab()], HOUR),
          () => bus.tabs(bench.name()),
          () => bus.allTabs(bench.now, 1),
          () => bus.users(bench.now, 1),
          () => bus.countUsers(bench.now),
          () => bus.nameLineage(bench.name(), bench.name(), HOUR),
          () => bus.lineageOf(bench.name()),
        ]) {
          await assert.rejects(async () => operate(), StoreUnavailable);
        }
      },
    },
    {
      title: 'leaves the buses of other processes open',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        await (await bench.open()).close();
        await bench.publish(topic, ['still there']);
        await ear.heard('still there');
      },
    },
  ],
};
