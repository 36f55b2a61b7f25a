import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import type { SessionRecord } from '../../../src/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

/** How many commands of `deleteOfUser` a step of the rotation may come after. */
const MOST = 9;

describe('deleteOfUser of a RedisStore, while a session is rotated between any two of its commands', () => {
  let redis: Redis;

  before(async function () {
    redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
  });

  after(() => redis?.disconnect());

  /** A client that runs a step right before its command of that number. */
  const withSteps = (steps: Map<number, readonly (() => Promise<unknown>)[]>): RedisClient => {
    let count = 0;
    let turn: Promise<unknown> = Promise.resolve();
    return {
      call: (command, args) => {
        const before = steps.get(count) ?? [];
        steps.delete(count);
        count += 1;
        turn = turn.then(async () => {
          for (const step of before) await step();
          return redis.call(command, args).catch((error: unknown) => error);
        });
        return turn.then((reply) => {
          if (reply instanceof Error) throw reply;
          return reply;
        });
      },
    };
  };

  const rotation = (
    store: RedisStore,
    old: SessionRecord,
    next: SessionRecord,
    tombstone = aTombstone(old.id, { successor: next.id }),
  ): (() => Promise<unknown>)[] => [
    () => store.create(next),
    async () => {
      const outcome = await store.retire(old.id, old.version, tombstone);
      if (outcome !== 'ok') await store.delete(next.id);
    },
  ];

  for (const [others, what, expiresAt, isDeleted] of [
    [0, 'whose tombstone stays', Date.now() + 60_000, false],
    [2, 'whose tombstone stays', Date.now() + 60_000, false],
    [0, 'whose tombstone is deleted right away', Date.now() + 60_000, true],
    [0, 'whose tombstone had expired before it was written', 0, false],
  ] as const) {
    it(`lets none slip through ${what}, with ${others} other sessions of the user`, async () => {
      for (let createdAt = 0; createdAt <= MOST; createdAt += 1) {
        for (let retiredAt = createdAt; retiredAt <= MOST; retiredAt += 1) {
          const [prefix, uid] = [`${newName()}:`, newName()];
          const store = new RedisStore({ client: redis, prefix });
          const old = aRecord({ uid });
          const next = aRecord({ uid, lineage: old.lineage });
          const tombstone = { ...aTombstone(old.id, { successor: next.id }), expiresAt };
          for (let count = 0; count < others; count += 1) await store.create(aRecord({ uid }));
          await store.create(old);
          const [create, retire] = rotation(store, old, next, tombstone);
          if (create === undefined || retire === undefined) throw new Error('no steps');
          const steps = new Map<number, readonly (() => Promise<unknown>)[]>([[createdAt, [create]]]);
          const erase = async (): Promise<unknown> => isDeleted && store.delete(old.id);
          steps.set(retiredAt, [...(steps.get(retiredAt) ?? []), retire, erase]);
          const ended = await new RedisStore({ client: withSteps(steps), prefix }).deleteOfUser(uid);
          // What comes of the rotation afterwards, if it is not through by now.
          const late = [...steps.values()].flat();
          for (const step of late) await step();
          const left = await store.ofUser(uid, Date.now());
          const when = `created before command ${createdAt}, retired before command ${retiredAt}`;
          expect(left.length, when).to.equal(0);
          expect(ended.length, when).to.be.within(others + 1, others + 2);
        }
      }
    });
  }

  it('follows a session that is rotated again in every pass', async () => {
    const [prefix, uid] = [`${newName()}:`, newName()];
    const store = new RedisStore({ client: redis, prefix });
    const chain = Array.from({ length: 6 }, () => aRecord({ uid, lineage: 'one' }));
    const [first] = chain;
    if (first === undefined) throw new Error('no session');
    await store.create(first);
    // Between the reading of the index and the visit of the session: each time it has just gone on.
    let at = 0;
    const client: RedisClient = {
      call: async (command, args) => {
        const reply = await redis.call(command, args);
        const [old, next] = [chain[at], chain[at + 1]];
        if (!Array.isArray(reply) || old === undefined || next === undefined) return reply;
        at += 1;
        for (const step of rotation(store, old, next)) await step();
        return reply;
      },
    };
    expect(await new RedisStore({ client, prefix }).deleteOfUser(uid)).to.deep.equal([chain.at(-1)?.id]);
    expect(await store.ofUser(uid, Date.now())).to.deep.equal([]);
  });

  it('spares the session that it is to leave when that is being rotated', async () => {
    const [prefix, uid] = [`${newName()}:`, newName()];
    const store = new RedisStore({ client: redis, prefix });
    const [old, next, other] = [aRecord({ uid, lineage: 'own' }), aRecord({ uid, lineage: 'own' }), aRecord({ uid })];
    await store.create(old);
    await store.create(other);
    for (const step of rotation(store, old, next)) await step();
    expect(await store.deleteOfUser(uid, old.id)).to.deep.equal([other.id]);
    expect(await store.load(next.id, Date.now())).to.deep.equal(next);
  });
});

describe('ofUser of a RedisStore', () => {
  let redis: Redis;

  before(async function () {
    redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
  });

  after(() => redis?.disconnect());

  it('finds a session that is rotated between its look into the index and its look at the session', async () => {
    const prefix = `${newName()}:`;
    const store = new RedisStore({ client: redis, prefix });
    const uid = newName();
    const old = aRecord({ uid });
    const next = aRecord({ uid, lineage: old.lineage });
    await store.create(old);
    let isRotated = false;
    const slow: RedisClient = {
      call: async (command, args) => {
        if (!isRotated && command === 'GET' && String(args[0]).endsWith(old.id)) {
          isRotated = true;
          await store.create(next);
          await store.retire(old.id, old.version, aTombstone(old.id, { successor: next.id }));
        }
        return await redis.call(command, args);
      },
    };
    const found = await new RedisStore({ client: slow, prefix }).ofUser(uid, Date.now());
    expect(isRotated).to.equal(true);
    expect(found.map(({ id }) => id)).to.deep.equal([next.id]);
  });
});
