import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClientPool } from 'redis';
import sinon from 'sinon';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { sharedCluster, sharedRedis } from '../../support/servers/redis.js';
import { ALL_MAKES, aRecord, aTombstone, newName, Stores } from './support.js';

describe('What deleteAll of a RedisStore leaves behind', () => {
  let redis: Redis;
  let port: number;
  let stores: Stores;

  before(async function () {
    ({ port } = await sharedRedis(this));
    redis = new Redis({ port, host: '127.0.0.1' });
  });

  beforeEach(() => {
    stores = new Stores();
  });

  afterEach(() => {
    sinon.restore();
    stores.close();
  });

  after(() => redis?.disconnect());

  /** Sessions, tombstones, traces and indexes: what an epoch can have. */
  const fill = async (store: RedisStore, count = 20): Promise<void> => {
    const records = Array.from({ length: count }, () => aRecord({ uid: newName(), lineage: newName() }));
    await Promise.all(records.map((record) => store.create(record)));
    const [first, second] = records;
    if (first !== undefined) await store.retire(first.id, null, aTombstone(first.id));
    if (second !== undefined) await store.delete(second.id);
  };

  const keysOf = async (prefix: string, nodes: readonly Redis[] = [redis]): Promise<string[]> => {
    const keys = (await Promise.all(nodes.map((node) => node.keys('*')))).flat();
    return keys.filter((key) => key.startsWith(prefix)).sort();
  };

  const own = (prefix: string): string[] => [`${prefix}epoch`, `${prefix}epoch:clean`, `${prefix}epoch:reserve`];

  for (const make of ALL_MAKES) {
    it(`is removed by sweep, and nothing else, with ${make.name}`, async () => {
      const store = await stores.open(make, port);
      const { prefix } = stores;
      await fill(store);
      await store.deleteAll();
      const record = aRecord({ uid: newName() });
      await store.create(record);
      const foreign = [
        `${prefix}0:x`,
        `${prefix}log`,
        `${prefix}1.short:x`,
        `${prefix}e0.${'a'.repeat(16)}:log:x`,
        `${prefix}`,
      ];
      for (const key of foreign) await redis.set(key, '1');
      expect(await store.sweep(Date.now(), 500)).to.deep.equal([]);
      const left = await keysOf(prefix);
      expect(left).to.include.members([...own(prefix), ...foreign]);
      const current = await redis.get(`${prefix}epoch`);
      expect(left.filter((key) => key.startsWith(`${prefix}e${current}:`))).to.have.lengthOf(2);
      expect(left).to.have.lengthOf(own(prefix).length + foreign.length + 2);
      expect(await store.load(record.id, Date.now())).to.deep.equal(record);
      await redis.del(...foreign);
    });

    it(`is removed from every node of a cluster, with ${make.name}`, async function () {
      const ports = await sharedCluster(this);
      const store = await stores.openCluster(make, ports);
      const nodes = ports.map((one) => new Redis({ port: one, host: '127.0.0.1' }));
      await fill(store, 60);
      await store.deleteAll();
      await store.sweep(Date.now(), 500);
      expect(await keysOf(stores.prefix, nodes)).to.deep.equal(own(stores.prefix));
      for (const node of nodes) node.disconnect();
    });
  }

  it('is removed through a pool, through a client with a prefix of its own, and from a prefix with odd characters', async () => {
    const name = `${newName()}*[a-z]?\\:`;
    const pool = createClientPool({ socket: { port, host: '127.0.0.1' } });
    await pool.connect();
    const keyed = new Redis({ port, host: '127.0.0.1', keyPrefix: name });
    for (const [client, prefix, before] of [
      [pool, name, ''],
      [keyed, 'in [x]*:', name],
    ] as const) {
      const store = new RedisStore({ client, prefix });
      await fill(store);
      await store.deleteAll();
      await store.sweep(Date.now(), 500);
      expect(await keysOf(before + prefix)).to.deep.equal(own(before + prefix));
    }
    pool.destroy();
    keyed.disconnect();
  });

  for (const suffix of ['admin:', '2', '12', 'e', 'e1', 'e1.']) {
    it(`of another store, whose prefix begins alike and ends in "${suffix}", stays`, async () => {
      const { prefix } = stores;
      const [store, other] = [prefix, prefix + suffix].map((one) => new RedisStore({ client: redis, prefix: one }));
      if (store === undefined || other === undefined) throw new Error('no stores');
      await fill(other);
      await other.deleteAll();
      await fill(other);
      const start = new RegExp(`^${prefix}${suffix.replace('.', '[.]')}e(?:\\d+[.]|poch)`);
      const keysOfOther = async (): Promise<string[]> => (await keysOf(prefix)).filter((key) => start.test(key));
      const before = await keysOfOther();
      expect(before).to.have.length.above(100);
      await fill(store);
      await store.deleteAll();
      await store.sweep(Date.now(), 500);
      expect(await keysOfOther()).to.deep.equal(before);
    });
  }

  /** A client that notes its commands, and does something before each. */
  const watched = (
    intervene: (command: string, args: string[]) => unknown,
  ): { client: RedisClient; sent: string[] } => {
    const sent: string[] = [];
    const client: RedisClient = {
      call: async (command, args) => {
        sent.push(command);
        await intervene(command, args);
        return redis.call(command, args);
      },
    };
    return { client, sent };
  };

  it('is searched for once, by whichever process, until there is a new epoch', async () => {
    const [one, other] = [watched(() => {}), watched(() => {})];
    const [first, second] = [one, other].map(({ client }) => new RedisStore({ client, prefix: stores.prefix }));
    if (first === undefined || second === undefined) throw new Error('no stores');
    await fill(first);
    await first.sweep(0, 1);
    for (const { sent } of [one, other]) sent.length = 0;
    await second.sweep(0, 1);
    await first.sweep(0, 1);
    expect([...one.sent, ...other.sent]).not.to.include('SCAN');
    await first.deleteAll();
    await Promise.all([second.sweep(0, 1), first.sweep(0, 1), first.sweep(0, 1)]);
    expect(one.sent.filter((command) => command === 'SCAN').length).to.be.greaterThan(0);
    expect(await keysOf(stores.prefix)).to.deep.equal(own(stores.prefix));
  });

  it('is left to the next call where it is too much for one, which goes on', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    const cursors: string[] = [];
    const { client } = watched((command, args) => {
      if (command !== 'SCAN') return;
      cursors.push(args[0] ?? '');
      // Each step takes three of the five seconds that a call has.
      clock.tick(3_000);
    });
    const store = new RedisStore({ client, prefix: stores.prefix, deadline: 60_000 });
    await fill(store, 900);
    const deleting = store.deleteAll();
    let isDeleted = false;
    void deleting.then(() => {
      isDeleted = true;
    });
    while (!isDeleted) {
      clock.tick(10);
      await redis.ping();
    }
    let calls = 0;
    while ((await keysOf(stores.prefix)).length > own(stores.prefix).length) {
      cursors.length = calls === 0 ? 0 : cursors.length;
      await store.sweep(0, 1);
      calls += 1;
      expect(calls).to.be.below(1_000);
    }
    expect(calls).to.be.greaterThan(1);
    expect(cursors.filter((cursor) => cursor === '0')).to.have.lengthOf(1);
  });

  it('has no key of a newer epoch, which another process begins during the search', async () => {
    const other = new RedisStore({ client: redis, prefix: stores.prefix });
    const record = aRecord({ uid: newName() });
    let isBegun = false;
    const { client } = watched(async (command) => {
      if (command !== 'SCAN' || isBegun) return;
      isBegun = true;
      await other.deleteAll();
      await other.create(record);
    });
    const store = new RedisStore({ client, prefix: stores.prefix });
    await fill(store);
    await store.deleteAll();
    await store.sweep(0, 1);
    expect(isBegun).to.equal(true);
    expect(await other.load(record.id, Date.now())).to.deep.equal(record);
    await store.sweep(0, 1);
    expect(await other.ofUser(String(record.uid), Date.now())).to.deep.equal([record]);
    const left = await keysOf(stores.prefix);
    expect(left).to.have.lengthOf(own(stores.prefix).length + 2);
  });

  it('is removed by the next call when one fails', async () => {
    let isDown = false;
    const { client } = watched((command) => {
      if (command === 'UNLINK' && isDown) throw new Error('connection lost');
    });
    const store = new RedisStore({ client, prefix: stores.prefix });
    await fill(store);
    await store.deleteAll();
    isDown = true;
    expect(await store.sweep(0, 1).catch((error: unknown) => error)).to.be.instanceOf(StoreUnavailable);
    isDown = false;
    await store.sweep(0, 1);
    expect(await keysOf(stores.prefix)).to.deep.equal(own(stores.prefix));
  });
});
