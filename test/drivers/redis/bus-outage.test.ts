import { expect } from 'chai';
import { createClient } from 'redis';
import { RedisBus } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { BusEar } from '../../support/bus-ear.js';
import { ownRedis, sharedRedis } from '../../support/servers/redis.js';
import { SilentProxy } from '../../support/servers/silent-proxy.js';
import { ALL_MAKES, BOTH_KINDS, type ClientMake, newName, type OpenClient } from './support.js';

const KEEP = { limit: 10_000, life: 60_000 };

describe('RedisBus, when Redis is away,', () => {
  const clients: OpenClient[] = [];
  const buses: RedisBus[] = [];

  const open = async (make: ClientMake, port: number, prefix: string, deadline = 2_000): Promise<RedisBus> => {
    const opened = await make.open(port);
    const bus = new RedisBus({ client: opened.client, prefix, deadline });
    clients.push(opened);
    buses.push(bus);
    return bus;
  };

  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    for (const { close } of clients.splice(0)) close();
  });

  for (const make of BOTH_KINDS) {
    it(`loses no message that was acknowledged before and after a restart (${make.name})`, async function () {
      const server = await ownRedis(this, { isDurable: true });
      const [hearing, speaking] = [await open(make, server.port, 'a:'), await open(make, server.port, 'a:')];
      const ear = new BusEar();
      const before = await hearing.position();
      await (await hearing.connect(ear)).listen('topic');

      const acknowledged: string[] = [];
      const isFailed = { value: false };
      const speak = async (): Promise<void> => {
        for (let count = 0; ear.misses === 0 || acknowledged.length < 200; count += 1) {
          try {
            await speaking.publish('topic', String(count), KEEP);
            acknowledged.push(String(count));
          } catch (error) {
            expect(error).to.be.instanceOf(StoreUnavailable);
            isFailed.value = true;
          }
        }
      };
      const spoken = speak();
      await ear.until(({ messages }) => messages.length >= 50);
      await server.process.stop('SIGKILL');
      await server.process.start();
      await spoken;
      await hearing.publish('topic', 'last', KEEP);
      await ear.until(({ bodies }) => bodies.includes('last'));

      const { messages, isComplete } = await hearing.history(['topic'], before);
      expect(isComplete).to.equal(true);
      expect(messages.map(({ body }) => body)).to.include.members(acknowledged);
      expect(messages).to.deep.include.members(ear.messages);
      await server.process.stop('SIGKILL');
    });
  }

  for (const make of ALL_MAKES) {
    it(`listens again after its connection was closed (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const bus = await open(make, port, `${newName()}:`);
      const ear = new BusEar();
      const connection = await bus.connect(ear);
      const topics = ['one', 'two', 'three'];
      for (const topic of topics) await connection.listen(topic);
      connection.unlisten('two');

      const admin = await createClient({ socket: { host: '127.0.0.1', port } }).connect();
      await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
      admin.destroy();
      await ear.until(({ misses }) => misses > 0);
      for (const topic of topics) await bus.publish(topic, topic, KEEP);
      await ear.until(({ bodies }) => bodies.includes('three'));
      expect(ear.bodies).to.deep.equal(['one', 'three']);
      expect(ear.misses).to.equal(1);
    });

    it(`notices a connection that fell silent (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const proxy = await SilentProxy.before(port);
      const prefix = `${newName()}:`;
      const bus = await open(make, proxy.port, prefix, 300);
      const other = await open(make, port, prefix);
      const ear = new BusEar();
      await (await bus.connect(ear)).listen('topic');
      await other.publish('topic', 'before', KEEP);
      await ear.until(({ bodies }) => bodies.includes('before'));

      proxy.silence();
      await other.publish('topic', 'meanwhile', KEEP);
      await ear.until(({ misses }) => misses > 0);
      await other.publish('topic', 'after', KEEP);
      await ear.until(({ bodies }) => bodies.includes('after'));
      expect(ear.bodies).to.deep.equal(['before', 'after']);
      proxy.close();
    });

    it(`rejects within its deadline, and listens once Redis answers (${make.name})`, async function () {
      const server = await ownRedis(this);
      const bus = await open(make, server.port, 'a:', 200);
      const ear = new BusEar();
      const connection = await bus.connect(ear);
      server.process.signal('SIGSTOP');
      for (const operate of [
        () => connection.listen('topic'),
        () => bus.publish('topic', 'late', KEEP),
        () => bus.position(),
        () => bus.history(['topic'], 'e.1'),
        () => bus.put('key', 'value', 1_000),
        () => bus.stamp([], 1_000).then(() => bus.tabs('lineage')),
      ]) {
        const error = await operate().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(StoreUnavailable);
      }
      server.process.signal('SIGCONT');
      const isListening = async (): Promise<boolean> =>
        connection.listen('topic').then(
          () => true,
          () => false,
        );
      while (!(await isListening()));
      while (
        !(await bus.publish('topic', 'heard', KEEP).then(
          () => true,
          () => false,
        ))
      );
      await ear.until(({ bodies }) => bodies.includes('heard'));
      await server.process.stop('SIGKILL');
    });
  }
});
