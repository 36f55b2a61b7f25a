import assert from 'node:assert/strict';
import { StoreUnavailable } from '../../errors.js';
import { KEEP } from './bench.js';
import type { BusCases } from './case.js';

export const connectCases: BusCases = {
  title: 'connect',
  cases: [
    {
      title: 'listen resolves once every later message reaches the listener, and none of before',
      async run(bench) {
        const topic = bench.name();
        await bench.publish(topic, ['before']);
        const ear = await bench.ear(bench.second);
        for (let round = 0; round < 5; round += 1) {
          await ear.connection.listen(topic);
          await bench.first.publish(topic, `during ${round}`, KEEP);
          await ear.heard(`during ${round}`);
          ear.connection.unlisten(topic);
          await bench.first.publish(topic, 'between', KEEP);
        }
        assert.deepEqual(
          ear.bodies,
          [0, 1, 2, 3, 4].map((round) => `during ${round}`),
        );
      },
    },
    {
      title: 'listen has no effect twice',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic, topic);
        await Promise.all([ear.connection.listen(topic), ear.connection.listen(topic)]);
        await bench.publish(topic, ['once']);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['once']);
        ear.connection.unlisten(topic);
        await bench.publish(topic, ['more']);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['once']);
      },
    },
    {
      title: 'unlisten stops one topic of one connection',
      async run(bench) {
        const [topic, other] = [bench.name(), bench.name()];
        const ear = await bench.ear(bench.second, topic, other);
        const neighbour = await bench.ear(bench.second, topic);
        ear.connection.unlisten(topic);
        ear.connection.unlisten(bench.name());
        await bench.publish(topic, ['a']);
        await bench.publish(other, ['b']);
        for (const each of [ear, neighbour]) await bench.settled(each);
        assert.deepEqual(ear.bodies, ['b']);
        assert.deepEqual(neighbour.bodies, ['a']);
      },
    },
    {
      title: 'listens again right after unlisten',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        for (let round = 0; round < 5; round += 1) {
          ear.connection.unlisten(topic);
          await ear.connection.listen(topic);
        }
        await bench.publish(topic, ['again']);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['again']);
      },
    },
    {
      title: 'close stops the connection, may be called twice, and leaves others open',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        const neighbour = await bench.ear(bench.second, topic);
        await Promise.all([ear.connection.close(), ear.connection.close()]);
        assert.equal(await ear.connection.close(), undefined);
        await bench.publish(topic, ['late']);
        await bench.settled(neighbour);
        assert.deepEqual(neighbour.bodies, ['late']);
        assert.deepEqual(ear.bodies, []);
      },
    },
    {
      title: 'listen rejects with StoreUnavailable after the connection was closed',
      async run(bench) {
        const ear = await bench.ear(bench.second);
        await ear.connection.close();
        await assert.rejects(async () => ear.connection.listen(bench.name()), StoreUnavailable);
      },
    },
    {
      title: 'connections with the same listener are independent',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        const other = await bench.second.connect(ear);
        await other.listen(topic);
        await bench.publish(topic, ['both']);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['both', 'both']);
        await other.close();
        await bench.publish(topic, ['one']);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['both', 'both', 'one']);
      },
    },
  ],
};
