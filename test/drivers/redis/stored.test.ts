import { expect } from 'chai';
import { Redis } from 'ioredis';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

const MINUTE = 60_000;
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

  /** When Redis drops what is there for an id; -1 for never. */
  const dropped = async (id: string): Promise<number> => {
    const [key = ''] = await redis.keys(`${prefix}*:${id}`);
    return Number(await redis.call('PEXPIRETIME', [key]));
  };

  it('is dropped a minute after it has expired, whichever write said when', async () => {
    const record = aRecord();
    const { id } = record;
    const expiresAt = Number(record.expiresAt);
    await store.create(record);
    expect(await dropped(id)).to.equal(expiresAt + MINUTE);
    await store.update({ ...record, expiresAt: expiresAt + 1 });
    expect(await dropped(id)).to.equal(expiresAt + 1 + MINUTE);
    await store.touch(id, null, record.lastAccess + 1, expiresAt + 2);
    expect(await dropped(id)).to.equal(expiresAt + 2 + MINUTE);
    const tombstone = aTombstone(id);
    await store.retire(id, 1, tombstone);
    expect(await dropped(id)).to.equal(tombstone.expiresAt + MINUTE);
  });

  it('stays where it has no expiry, and is dropped again when it gets one', async () => {
    const record = aRecord();
    await store.create({ ...record, expiresAt: null });
    expect(await dropped(record.id)).to.equal(-1);
    await store.update(record);
    expect(await dropped(record.id)).to.equal(Number(record.expiresAt) + MINUTE);
    await store.touch(record.id, null, record.lastAccess + 1, null);
    expect(await dropped(record.id)).to.equal(-1);
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
    expect(await redis.get(key)).to.match(/^d\|(\.[\w-]{6})+\|\|\|$/);
    expect(await redis.pttl(key)).to.be.within(9 * MINUTE, 10 * MINUTE);
    await store.create(record);
    expect(await store.load(record.id, Date.now())).to.deep.equal(record);
    expect(await dropped(record.id)).to.equal(Number(record.expiresAt) + MINUTE);
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
