import { expect } from 'chai';
import { Redis } from 'ioredis';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GRACE = 10 * MINUTE;
const LAST_INSTANT = 8_640_000_000_000_000;

describe('What a RedisStore keeps in Redis', () => {
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

  /** ms that Redis still keeps what is there for an id; -1 for ever. */
  const kept = async (id: string): Promise<number> => {
    const [key = ''] = await redis.keys(`${prefix}*:${id}`);
    return redis.pttl(key);
  };

  const expectKept = async (id: string, life: number): Promise<void> => {
    expect(await kept(id)).to.be.within(life + GRACE - MINUTE, life + GRACE);
  };

  it('is kept for ten minutes longer than it lives, counted from the write by the clock of the application', async () => {
    for (const ahead of [0, -HOUR, -400 * DAY]) {
      const now = Date.now() + ahead;
      const record = aRecord({ lastAccess: now, expiresAt: now + HOUR });
      const { id } = record;
      await store.create(record);
      await expectKept(id, HOUR);
      await store.update({ ...record, expiresAt: now + 2 * HOUR });
      await expectKept(id, 2 * HOUR);
      await store.touch(id, null, now + 1, now + 3 * HOUR);
      await expectKept(id, 3 * HOUR);
      await store.retire(id, 1, { ...aTombstone(id, { at: now }), expiresAt: now + HOUR });
      await expectKept(id, HOUR);
    }
  });

  it('is kept for no less long where the clock of the application is ahead', async () => {
    const now = Date.now() + HOUR;
    const record = aRecord({ lastAccess: now, expiresAt: now + HOUR });
    await store.create(record);
    await expectKept(record.id, 2 * HOUR);
  });

  it('is kept for longer when a touch that moves nothing comes from a clock that is behind', async () => {
    const now = Date.now() - HOUR;
    const record = aRecord({ lastAccess: now, expiresAt: now + HOUR });
    await store.create(record);
    expect(await store.touch(record.id, null, now - HOUR, now)).to.equal(true);
    await expectKept(record.id, 2 * HOUR);
    expect(await store.touch(record.id, null, now, now)).to.equal(true);
    await expectKept(record.id, 2 * HOUR);
    expect(await store.load(record.id, now)).to.deep.equal(record);
  });

  it('stays where it has no expiry, and is dropped again when it gets one', async () => {
    const record = aRecord();
    await store.create({ ...record, expiresAt: null });
    expect(await kept(record.id)).to.equal(-1);
    await store.update(record);
    await expectKept(record.id, DAY);
    await store.touch(record.id, null, record.lastAccess + 1, null);
    expect(await kept(record.id)).to.equal(-1);
    await store.touch(record.id, null, record.lastAccess, 1);
    expect(await kept(record.id)).to.equal(-1);
  });

  it('may expire at the last instant of all', async () => {
    const record = aRecord({ uid: newName(), expiresAt: LAST_INSTANT, lastAccess: LAST_INSTANT });
    await store.create(record);
    expect(await store.update({ ...record, body: '2' })).to.equal('ok');
    expect(await store.load(record.id, LAST_INSTANT - 1)).to.deep.equal({ ...record, body: '2', version: 1 });
    expect(await store.ofUser(String(record.uid), LAST_INSTANT - 1)).to.have.lengthOf(1);
    const tombstone = { ...aTombstone(record.id), expiresAt: LAST_INSTANT };
    expect(await store.retire(record.id, 1, tombstone)).to.equal('ok');
    expect(await store.load(record.id, LAST_INSTANT - 1)).to.deep.equal(tombstone);
  });

  it('is nothing but a trace for ten minutes of what was deleted', async () => {
    const record = aRecord({ body: '"secret"' });
    await store.create(record);
    await store.delete(record.id);
    const [key = ''] = await redis.keys(`${prefix}*:${record.id}`);
    expect(await redis.get(key)).to.match(new RegExp(`^d\\|(\\.[\\w-]{16})+\\|\\|${record.lineage}\\|$`));
    expect(await redis.pttl(key)).to.be.within(9 * MINUTE, 10 * MINUTE);
    await store.create(record);
    expect(await store.load(record.id, Date.now())).to.deep.equal(record);
    await expectKept(record.id, DAY);
  });

  it('is text that UTF-8 cannot carry, too', async () => {
    const body = '"\ud800 | \udc00 = \u0000 \ufeff"';
    const record = aRecord({ uid: newName(), body });
    await store.create(record);
    expect(await store.load(record.id, Date.now())).to.deep.equal(record);
    await store.touch(record.id, record.uid, record.lastAccess + 1, null);
    expect(await store.load(record.id, Date.now())).to.include({ body });
    const tombstone = aTombstone(record.id, { reason: body });
    await store.retire(record.id, 0, tombstone);
    expect(await store.load(record.id, Date.now())).to.deep.equal(tombstone);
  });

  it('is little besides the body: no more than 480 bytes with an id that is a digest, and a user', async () => {
    const id = 'a'.repeat(43);
    await store.create(aRecord({ id, lineage: newName(), uid: 'user-12345', body: '' }));
    const [key = ''] = await redis.keys(`${prefix}*:${id}`);
    expect(await redis.call('MEMORY', ['USAGE', key])).to.be.at.most(480);
  });
});
