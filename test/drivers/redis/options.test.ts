import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient, createClientPool, RESP_TYPES } from 'redis';
import { RedisStore, type RedisStoreOptions } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

describe('The options of a RedisStore', () => {
  const client = { call: async () => null };

  const build = (options: object): (() => RedisStore) => {
    return () => Reflect.construct(RedisStore, [options]);
  };

  it('are refused by name when they are wrong', () => {
    for (const [options, message] of [
      [{}, /RedisStore: option client: expected a client of redis or ioredis/],
      [{ client: {} }, /option client/],
      [{ client: { get: async () => null } }, /option client/],
      [{ client: null }, /option client/],
      [{ client, prefix: 1 }, /option prefix/],
      [{ client, deadline: 0 }, /option deadline/],
      [{ client, deadline: 1.5 }, /option deadline/],
      [{ client, deadline: Number.NaN }, /option deadline/],
      [{ client, deadline: 2 ** 31 }, /option deadline/],
      [{ client, prefx: 'a' }, /unknown option "prefx": the options are client, prefix, deadline/],
    ] as const) {
      expect(build(options)).to.throw(TypeError, message);
    }
  });

  it('name the cure for what is often passed instead of a client', () => {
    for (const [options, message] of [
      [createClient(), /got an instance of \w+: pass it as an option, { client }$/],
      [new Redis({ lazyConnect: true }), /got an instance of EventEmitter: pass it as an option, { client }$/],
      [{ client: 'redis://:secret@localhost' }, /option client: a URL is not a client: pass a connected one/],
      [{ client: Promise.resolve(client) }, /option client: this is a Promise: await it first$/],
      [{ client: createClient }, /option client: expected a client of redis .*, got a function$/],
      [{ url: 'redis://localhost' }, /unknown option "url": connect a client and pass it/],
      [{ redis: client }, /unknown option "redis": pass the client as the option client/],
      [{ client, keyPrefix: 'a:' }, /unknown option "keyPrefix": use prefix/],
      [{ client, ttl: 60 }, /unknown option "ttl": set idleTimeout and absoluteTimeout of ServerSessionStorage/],
    ] as const) {
      expect(build(options), String(message))
        .to.throw(TypeError, message)
        .with.property('message')
        .that.matches(/^RedisStore: (?!.*secret)/);
    }
  });

  it('may hold a client that is not connected: its operations then name the cure', async () => {
    const failure = await errorOf(() => new RedisStore({ client: createClient() }).load('a', 0));
    expect(failure)
      .to.be.instanceOf(StoreUnavailable)
      .with.property(
        'message',
        'Redis failed: The client is closed: await client.connect() before the store is used, and close the client last',
      );
  });

  it('are neither kept nor changed, and an undefined one is its default', () => {
    const options: RedisStoreOptions = Object.freeze({ client, prefix: undefined, deadline: undefined });
    expect(new RedisStore(options).reach).to.equal('instances');
  });

  it('have all keys begin with the prefix, by default sessions:', async function () {
    const { port } = await sharedRedis(this);
    const redis = new Redis({ port, host: '127.0.0.1' });
    const tell = {
      call: async (command: string, args: string[]) => {
        keys.push(args[command === 'GET' ? 0 : 2] ?? '');
        return redis.call(command, args);
      },
    };
    const keys: string[] = [];
    const record = aRecord({ uid: newName() });
    const plain = new RedisStore({ client: tell });
    await plain.create(record);
    await plain.deleteOfUser(String(record.uid));
    for (const key of keys.splice(0)) expect(key.startsWith('sessions:')).to.equal(true);
    await new RedisStore({ client: tell, prefix: '{app 1}' }).create(record);
    for (const key of keys) expect(key.startsWith('{app 1}')).to.equal(true);
    redis.disconnect();
  });

  it('may give an ioredis client with a prefix of its own, and numbers as strings', async function () {
    const { port } = await sharedRedis(this);
    const keyPrefix = `${newName()}:`;
    const redis = new Redis({ port, host: '127.0.0.1', keyPrefix, stringNumbers: true });
    const admin = new Redis({ port, host: '127.0.0.1' });
    await useAll(new RedisStore({ client: redis }));
    expect((await admin.keys(`${keyPrefix}sessions:*`)).length).to.be.greaterThan(2);
    redis.disconnect();
    admin.disconnect();
  });

  for (const RESP of [2, 3] as const) {
    it(`may give a client of redis that speaks RESP ${RESP}, also one that answers with bytes`, async function () {
      const { port } = await sharedRedis(this);
      const redis = await createClient({ RESP, socket: { port, host: '127.0.0.1' } }).connect();
      await useAll(new RedisStore({ client: redis, prefix: `${newName()}:` }));
      const bytes = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      await useAll(new RedisStore({ client: bytes, prefix: `${newName()}:` }));
      redis.destroy();
    });
  }

  it('may give a pool of clients of redis', async function () {
    const { port } = await sharedRedis(this);
    const pool = createClientPool({ socket: { port, host: '127.0.0.1' } });
    await pool.connect();
    await useAll(new RedisStore({ client: pool, prefix: `${newName()}:` }));
    pool.destroy();
  });
});

/** Every operation once. */
async function useAll(store: RedisStore): Promise<void> {
  const record = aRecord({ uid: 'Zo\u00eb | {1}', body: '"\u{1f600}"' });
  const { id, uid } = record;
  await store.create(record);
  expect(await store.update({ ...record, expiresAt: null })).to.equal('ok');
  expect(await store.touch(id, uid, record.lastAccess + 1, null)).to.equal(true);
  const now = { ...record, version: 1, lastAccess: record.lastAccess + 1, expiresAt: null };
  expect(await store.load(id, Date.now())).to.deep.equal(now);
  expect(await store.ofUser(String(uid), Date.now())).to.deep.equal([now]);
  const tombstone = aTombstone(id, { successor: newName(), reason: 'because | of' });
  expect(await store.retire(id, 1, tombstone)).to.equal('ok');
  expect(await store.load(id, Date.now())).to.deep.equal(tombstone);
  expect(await store.delete(id)).to.equal(false);
  const other = aRecord({ uid });
  await store.create(other);
  expect(await store.deleteOfUser(String(uid))).to.deep.equal([other.id]);
  const last = aRecord({ uid });
  await store.create(last);
  await store.deleteAll();
  expect(await store.load(last.id, Date.now())).to.equal(undefined);
}
