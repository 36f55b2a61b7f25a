import { expect } from 'chai';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { type Retired, type SessionRecord, StoreUnavailable } from '../../../src/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** prefix -> the keys of all users' sessions that the index does not know, or not for as long as they live. */
const UNKNOWN_TO_INDEX = `
local missing = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'string' then
    local start, id = string.match(key, '^(.*:)([^:]+)$')
    local uid, lineage, expires = string.match(redis.call('GET', key), '^s|[^|]*|([^|]+)|([^|]*)|%d+|%d+|(%d*)|')
    if uid then
      local needed = expires == '' and math.huge or tonumber(expires)
      local indexes = { 'user:' .. uid }
      if lineage ~= id then indexes[2] = 'lineage:' .. lineage end
      for _, index in ipairs(indexes) do
        local score = redis.call('ZSCORE', start .. index, id)
        if not score or tonumber(score) < needed then missing[#missing + 1] = key .. ' in ' .. index end
      end
    end
  end
end
return missing
`;

describe("The index of a user's sessions in Redis", () => {
  let redis: Redis;
  let prefix: string;
  let store: RedisStore;

  before(async function () {
    redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
  });

  beforeEach(() => {
    prefix = `${newName()}:`;
    store = new RedisStore({ client: redis, prefix });
  });

  after(() => redis?.disconnect());

  const indexOf = async (uid: string): Promise<string> => {
    const [key = ''] = await redis.keys(`${prefix}*:user:${uid}`);
    return key;
  };

  it('knows every session of every user at every moment, however operations interleave', async function () {
    this.timeout(60_000);
    const uids = [newName(), newName()];
    const step = fc.record({
      kind: fc.constantFrom('create', 'create', 'update', 'update', 'touch', 'rotate', 'delete', 'end'),
      which: fc.nat(5),
      uid: fc.constantFrom(null, ...uids),
      lineage: fc.constantFrom('one', 'two'),
      life: fc.constantFrom(1_000, 10 * MINUTE, DAY, 10 * DAY, null),
      later: fc.nat(2 * DAY),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(step, { maxLength: 6 }), { minLength: 2, maxLength: 4 }),
        async (scheduler, lanes) => {
          const alone = `${newName()}:`;
          const missing: unknown[] = [];
          // Each reply comes when the scheduler says, and right behind each command the index is checked.
          const released = scheduler.scheduleFunction(async (command: string, args: string[]) => {
            const [reply, unknown] = await Promise.allSettled([
              redis.call(command, args),
              redis.eval(UNKNOWN_TO_INDEX, 0, alone),
            ]);
            missing.push(unknown);
            return reply;
          });
          const client: RedisClient = {
            call: async (command, args) => {
              const reply = await released(command, args);
              if (reply.status === 'rejected') throw reply.reason;
              return reply.value;
            },
          };
          const stores = [0, 1].map(() => new RedisStore({ client, prefix: alone, deadline: 60_000 }));
          const known: SessionRecord[] = [];
          const now = Date.now();

          const run = async (
            one: RedisStore,
            { kind, which, uid, lineage, life, later }: StepOf<typeof step>,
          ): Promise<void> => {
            const lastAccess = now + later;
            const expiresAt = life === null ? null : lastAccess + life;
            if (kind === 'create') {
              const id = newName();
              const record = aRecord({ id, lineage: which % 2 === 0 ? id : lineage, uid, lastAccess, expiresAt });
              known.push(record);
              return one.create(record);
            }
            if (kind === 'end') return void (await one.deleteOfUser(uids[which % uids.length] ?? ''));
            const { id } = known[which % known.length] ?? aRecord();
            if (kind === 'delete') return void (await one.delete(id));
            const record = await one.load(id, now);
            if (record === undefined || 'retired' in record) return;
            if (kind === 'touch') return void (await one.touch(id, record.uid, lastAccess, expiresAt));
            if (kind === 'update') return void (await one.update({ ...record, uid, lineage, lastAccess, expiresAt }));
            const next = aRecord({ uid: record.uid, lineage: record.lineage, expiresAt });
            known.push(next);
            await one.create(next);
            const outcome = await one.retire(id, record.version, aTombstone(id, { successor: next.id }));
            if (outcome !== 'ok') await one.delete(next.id);
          };
          const work = lanes.map(async (lane, at) => {
            for (const one of lane) await run(stores[at % 2] ?? store, one);
          });
          await scheduler.waitFor(Promise.all(work));

          for (const unknown of missing) expect(unknown).to.deep.equal({ status: 'fulfilled', value: [] });
          const quiet = new RedisStore({ client: redis, prefix: alone });
          const stored = await Promise.all(known.map(({ id }) => quiet.load(id, now)));
          for (const uid of uids) {
            const found = await quiet.ofUser(uid, now);
            const own = stored.filter((one): one is SessionRecord => isOf(one, uid));
            expect(idsOf(found)).to.deep.equal(idsOf(own));
            for (const lineage of new Set(['one', 'two', ...own.map((one) => one.lineage)])) {
              const ofLineage = await quiet.ofUser(uid, now, lineage);
              expect(idsOf(ofLineage)).to.deep.equal(idsOf(own.filter((one) => one.lineage === lineage)));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is left by what is deleted, one by one or all at once, and is gone with the last', async () => {
    const uid = newName();
    const [first, second, third] = [aRecord({ uid }), aRecord({ uid, expiresAt: null }), aRecord({ uid })];
    for (const record of [first, second, third]) await store.create(record);
    const index = await indexOf(uid);
    expect(await redis.zrange(index, '0', '-1')).to.have.members([first.id, second.id, third.id]);
    await store.delete(first.id);
    expect(await redis.zrange(index, '0', '-1')).to.have.members([second.id, third.id]);
    await store.deleteOfUser(uid);
    expect(await redis.exists(index)).to.equal(0);
  });

  it('is left by what was deleted even where deleteOfUser does not come to its end', async () => {
    const uid = newName();
    const records = Array.from({ length: 1_200 }, () => aRecord({ uid }));
    await Promise.all(records.map((record) => store.create(record)));
    let left = 700;
    const dying: RedisClient = {
      call: async (command, args) => {
        if (left === 0) throw new Error('connection lost');
        left -= 1;
        return redis.call(command, args);
      },
    };
    const failure = await new RedisStore({ client: dying, prefix }).deleteOfUser(uid).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StoreUnavailable);
    expect(await redis.zcard(await indexOf(uid))).to.equal(700);
    const ended = await store.deleteOfUser(uid);
    expect(ended.length).to.be.within(500, 700);
    expect(await store.ofUser(uid, Date.now())).to.deep.equal([]);
  });

  it('forgets a retired session at once, so that rotations do not make it long', async () => {
    const uid = newName();
    const record = aRecord({ uid });
    await store.create(record);
    await store.create(aRecord({ uid }));
    await store.retire(record.id, 0, aTombstone(record.id));
    const index = await indexOf(uid);
    expect(await redis.zscore(index, record.id)).to.equal(null);
    expect(await redis.zcard(index)).to.equal(1);
  });

  it('loses what was over an hour ago whenever a session is entered, and stays an hour longer than its last entry', async () => {
    const uid = newName();
    const now = Date.now();
    const record = aRecord({ uid, lastAccess: now, expiresAt: now + 10 * DAY });
    await store.create(record);
    const index = await indexOf(uid);
    await redis.zadd(index, now - 61 * MINUTE, 'long ago', now - 59 * MINUTE, 'just now');
    await store.create(aRecord({ uid, lastAccess: now, expiresAt: now + DAY }));
    const left = await redis.zrange(index, '0', '-1');
    expect(left).to.have.lengthOf(3);
    expect(left).to.include('just now');
    expect(await redis.pttl(index)).to.be.within(11 * DAY + 59 * MINUTE, 11 * DAY + 60 * MINUTE);
  });

  it('loses nothing to a session that comes from a clock that is far ahead', async () => {
    const uid = newName();
    const record = aRecord({ uid });
    await store.create(record);
    const ahead = aRecord({ uid, lastAccess: Date.now() + 100 * DAY, expiresAt: Date.now() + 101 * DAY });
    await store.create(ahead);
    expect(idsOf(await store.ofUser(uid, Date.now()))).to.deep.equal(idsOf([record, ahead]));
  });

  it('stays while it knows a session that never ends', async () => {
    const uid = newName();
    await store.create(aRecord({ uid }));
    const index = await indexOf(uid);
    expect(await redis.pttl(index)).to.be.greaterThan(0);
    await store.create(aRecord({ uid, expiresAt: null }));
    expect(await redis.pttl(index)).to.equal(-1);
    await store.create(aRecord({ uid }));
    expect(await redis.pttl(index)).to.equal(-1);
  });

  it('is dropped in the end once the last session that never ends has left it', async () => {
    const uid = newName();
    const endless = aRecord({ uid, expiresAt: null });
    await store.create(endless);
    await store.create(aRecord({ uid }));
    const index = await indexOf(uid);
    await store.delete(endless.id);
    expect(await redis.pttl(index)).to.be.within(DAY, 3 * DAY);
  });

  it("knows a session as long as a touch has it live, also when it becomes another one's meanwhile", async () => {
    const [former, latter] = [newName(), newName()];
    const record = aRecord({ uid: former });
    const until = Number(record.expiresAt) + 10 * DAY;
    await store.create(record);
    let isChanged = false;
    const client: RedisClient = {
      call: async (command, args) => {
        const reply = await redis.call(command, args);
        if (args[2]?.endsWith(`user:${former}`) && !isChanged) {
          isChanged = true;
          expect(await store.update({ ...record, uid: latter })).to.equal('ok');
        }
        return reply;
      },
    };
    const touching = new RedisStore({ client, prefix });
    expect(await touching.touch(record.id, former, record.lastAccess + 1, until)).to.equal(true);
    expect(isChanged).to.equal(true);
    expect(Number(await redis.zscore(await indexOf(latter), record.id))).to.be.at.least(until);
    expect(await store.ofUser(latter, until - 1)).to.have.lengthOf(1);
  });

  it('knows a session by the uid that it is given, and gives it under no former one', async () => {
    const [former, latter] = [newName(), newName()];
    const record = aRecord({ uid: former });
    await store.create(record);
    await store.update({ ...record, uid: latter });
    await store.update({ ...record, uid: former, version: 1 });
    await store.update({ ...record, uid: latter, version: 2 });
    expect(await store.ofUser(former, Date.now())).to.deep.equal([]);
    expect(await store.ofUser(latter, Date.now())).to.deep.equal([{ ...record, uid: latter, version: 3 }]);
    expect(await store.deleteOfUser(former)).to.deep.equal([]);
    expect(await store.deleteOfUser(latter)).to.deep.equal([record.id]);
  });
});

type StepOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Step> ? Step : never;

function isOf(stored: SessionRecord | Retired | undefined, uid: string): stored is SessionRecord {
  return stored !== undefined && 'uid' in stored && stored.uid === uid;
}

function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id).sort();
}
