import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, BOTH_KINDS, newName, Stores } from './support.js';

for (const make of BOTH_KINDS) {
  describe(`RedisStore.deleteAll with ${make.name}`, () => {
    let stores: Stores;
    let store: RedisStore;
    let other: RedisStore;
    let redis: Redis;

    before(async function () {
      redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
    });

    beforeEach(async function () {
      const { port } = await sharedRedis(this);
      stores = new Stores();
      store = await stores.open(make, port);
      other = await stores.open(make, port);
    });

    afterEach(() => stores.close());

    after(() => redis?.disconnect());

    /** Begins a deleteAll, and comes back when it has happened, but before everyone knows. */
    const begin = async (): Promise<{ readonly done: Promise<unknown> }> => {
      const key = `${stores.prefix}epoch`;
      const before = await redis.get(key);
      const done = store.deleteAll();
      while ((await redis.get(key)) === before);
      return { done };
    };

    it('holds for another store that has just looked, once it has resolved', async () => {
      const record = aRecord({ uid: newName() });
      await store.create(record);
      const { done } = await begin();
      let isOver = false;
      void done.then(() => {
        isOver = true;
      });
      const seen: unknown[] = [];
      while (!isOver) seen.push(await other.load(record.id, Date.now()));
      expect(await other.load(record.id, Date.now())).to.equal(undefined);
      expect(await other.update(record)).to.equal('gone');
      expect(await other.touch(record.id, record.uid, record.lastAccess + 1, null)).to.equal(false);
      expect(await other.retire(record.id, 0, aTombstone(record.id))).to.equal('gone');
      expect(await other.delete(record.id)).to.equal(false);
      expect(await other.ofUser(String(record.uid), Date.now())).to.deep.equal([]);
      expect(await other.deleteOfUser(String(record.uid))).to.deep.equal([]);
      expect(seen.length).to.be.greaterThan(0);
    });

    it('leaves no two stores of two minds about what another wrote before it knew', async () => {
      const before = aRecord();
      await other.create(before);
      const { done } = await begin();
      const late = aRecord({ uid: newName() });
      await other.create(late);
      await done;
      const seen = await store.load(late.id, Date.now());
      expect(await other.load(late.id, Date.now())).to.deep.equal(seen);
      expect(await other.ofUser(String(late.uid), Date.now())).to.deep.equal(seen === undefined ? [] : [seen]);
    });

    it('hides from nobody what is written after it, who may not yet have heard of it', async () => {
      const uid = newName();
      const before = aRecord({ uid });
      await store.create(before);
      await other.load(before.id, Date.now());
      const { done } = await begin();
      while ((await store.load(before.id, Date.now())) !== undefined);
      const next = aRecord({ uid });
      await store.create(next);
      expect(await other.load(next.id, Date.now())).to.deep.equal(next);
      expect(await other.ofUser(uid, Date.now())).to.deep.equal([next]);
      expect(await other.update({ ...next, body: '2' })).to.equal('ok');
      expect(await other.touch(next.id, uid, next.lastAccess, next.expiresAt)).to.equal(true);
      expect(await other.deleteOfUser(uid)).to.deep.equal([next.id]);
      await done;
    });

    it('twice at once leaves nothing, and what begins afterwards stays', async () => {
      const record = aRecord();
      await store.create(record);
      expect(await Promise.all([store.deleteAll(), other.deleteAll()])).to.deep.equal([undefined, undefined]);
      expect(await store.load(record.id, Date.now())).to.equal(undefined);
      const next = aRecord();
      await store.create(next);
      expect(await other.load(next.id, Date.now())).to.deep.equal(next);
    });

    it('is never undone when Redis loses which epoch it is: then everything is left behind once more', async () => {
      const [first, second] = [aRecord(), aRecord()];
      await store.create(first);
      await store.deleteAll();
      await store.create(second);
      await redis.del(`${stores.prefix}epoch`);
      await store.deleteAll();
      for (const { id } of [first, second]) {
        expect(await store.load(id, Date.now())).to.equal(undefined);
        expect(await other.load(id, Date.now())).to.equal(undefined);
      }
    });

    it('leaves stores of another prefix alone', async function () {
      const elsewhere = new Stores();
      const neighbour = await elsewhere.open(make, (await sharedRedis(this)).port);
      const record = aRecord();
      await neighbour.create(record);
      await store.deleteAll();
      expect(await neighbour.load(record.id, Date.now())).to.deep.equal(record);
      elsewhere.close();
    });

    it('finds the same epoch as others that begin with it at the same time', async () => {
      const records = [aRecord(), aRecord()];
      await Promise.all([store.create(aRecord(records[0])), other.create(aRecord(records[1]))]);
      for (const record of records) {
        for (const one of [store, other]) expect(await one.load(record.id, Date.now())).to.deep.equal(record);
      }
    });
  });
}

describe('What a RedisStore knows of the epoch', () => {
  let redis: Redis;
  let prefix: string;

  before(async function () {
    redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
  });

  beforeEach(() => {
    prefix = `${newName()}:`;
  });

  after(() => redis?.disconnect());

  it('is asked for again at once when the question has failed', async () => {
    let failures = 1;
    const flaky: RedisClient = {
      call: async (command, args) => {
        if (command === 'GET' && failures-- > 0) throw new Error('READONLY');
        return redis.call(command, args);
      },
    };
    const store = new RedisStore({ client: flaky, prefix });
    expect(await store.load('x', 0).catch((error: unknown) => error)).to.be.instanceOf(StoreUnavailable);
    expect(await store.load('x', 0)).to.equal(undefined);
  });

  it('is not lost to an answer that it has overtaken', async () => {
    const other = new RedisStore({ client: redis, prefix });
    await other.create(aRecord());
    const written = new EventEmitter();
    const isWritten = once(written, 'x');
    let questions = 0;
    // As if each command had a connection of its own: the first question is answered after the new epoch was written.
    const crossed: RedisClient = {
      call: async (command, args) => {
        const isOfEpoch = args.some((arg) => arg === `${prefix}epoch`);
        const isFirst = isOfEpoch && questions++ === 0;
        const reply = await redis.call(command, args);
        if (isFirst) await isWritten;
        if (isOfEpoch && String(reply).startsWith('1.')) setImmediate(() => written.emit('x'));
        return reply;
      },
    };
    const store = new RedisStore({ client: crossed, prefix });
    const asking = store.load('x', 0);
    const ending = store.deleteAll();
    await asking;
    const record = aRecord();
    await store.create(record);
    await ending;
    expect(await other.load(record.id, Date.now())).to.deep.equal(record);
  });
});
