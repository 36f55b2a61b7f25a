import { expect } from 'chai';
import type { RedisStore } from '../../../src/drivers/redis/index.js';
import { SessionAlreadyExists } from '../../../src/errors.js';
import { StoreUnavailable } from '../../../src/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, IOREDIS_5, IOREDIS_6, NODE_REDIS_6, newName, Stores } from './support.js';
import { type Command, WireTap } from './wire-tap.js';

const isWrite = ([name = '']: Command): boolean => name.startsWith('EVAL');

/** The last of the writes, after that to the index. */
const writes =
  (id: string) =>
  ([name = '', ...args]: Command): boolean =>
    name.startsWith('EVAL') && args[2]?.endsWith(`:${id}`) === true;

for (const make of [IOREDIS_6, IOREDIS_5]) {
  describe(`When ${make.name} sends a command again whose reply was cut off`, () => {
    const stores = new Stores();
    let tap: WireTap;
    let store: RedisStore;
    let other: RedisStore;

    before(async function () {
      const { port } = await sharedRedis(this);
      tap = await WireTap.before(port);
      store = await stores.open(make, tap.port, { deadline: 15_000 });
      other = await stores.open(make, port, { deadline: 15_000 });
    });

    after(() => {
      stores.close();
      tap?.close();
    });

    /** What comes of an operation whose write is carried out twice. */
    const twice = async <Result>(
      id: string,
      work: () => Promise<Result>,
      meanwhile?: () => Promise<void>,
    ): Promise<Result> => {
      const { cuts } = tap;
      const from = tap.commands.length;
      tap.cutNext(writes(id), meanwhile);
      const result = await work();
      expect(tap.cuts).to.equal(cuts + 1);
      expect(tap.commands.slice(from).filter(writes(id)).length).to.be.at.least(2);
      return result;
    };

    it('a create succeeds', async () => {
      const record = aRecord({ uid: newName() });
      await twice(record.id, () => store.create(record));
      expect(await other.load(record.id, Date.now())).to.deep.equal(record);
    });

    it('a create whose session has been updated, touched or retired meanwhile leaves what has become of it', async () => {
      const record = aRecord();
      await twice(
        record.id,
        () => store.create(record),
        async () => {
          expect(await other.update({ ...record, body: '{"newer":true}' })).to.equal('ok');
          expect(await other.touch(record.id, null, record.lastAccess + 5, null)).to.equal(true);
        },
      );
      const lastAccess = record.lastAccess + 5;
      const updated = { ...record, body: '{"newer":true}', version: 1, lastAccess, expiresAt: null };
      expect(await other.load(record.id, Date.now())).to.deep.equal(updated);

      const retired = aRecord();
      const tombstone = aTombstone(retired.id);
      await twice(
        retired.id,
        () => store.create(retired),
        async () => void expect(await other.retire(retired.id, 0, tombstone)).to.equal('ok'),
      );
      expect(await other.load(retired.id, Date.now())).to.deep.equal(tombstone);
    });

    it('a create does not bring back a session that was deleted meanwhile', async () => {
      const uid = newName();
      const record = aRecord({ uid });
      await twice(
        record.id,
        () => store.create(record),
        async () => void expect(await other.deleteOfUser(uid)).to.deep.equal([record.id]),
      );
      expect(await other.load(record.id, Date.now())).to.equal(undefined);
    });

    it('a create of an id that is taken still rejects', async () => {
      const { id } = aRecord();
      await other.create(aRecord({ id, body: '"first"' }));
      const failure = await twice(id, () => store.create(aRecord({ id })).catch((error: unknown) => error));
      expect(failure).to.be.instanceOf(SessionAlreadyExists);
      expect(await other.load(id, Date.now())).to.include({ body: '"first"' });
    });

    it("an update is 'ok', once", async () => {
      const record = aRecord();
      await store.create(record);
      expect(await twice(record.id, () => store.update({ ...record, body: '{"n":1}' }))).to.equal('ok');
      expect(await other.load(record.id, Date.now())).to.deep.equal({ ...record, body: '{"n":1}', version: 1 });
    });

    it("an update is 'ok' even when others have updated seven times meanwhile, whose updates stay", async () => {
      const record = aRecord();
      await store.create(record);
      const outcome = await twice(
        record.id,
        () => store.update({ ...record, body: '"mine"' }),
        async () => {
          for (let version = 1; version <= 7; version += 1) {
            expect(await other.update({ ...record, version, body: `"other ${version}"` })).to.equal('ok');
          }
        },
      );
      expect(outcome).to.equal('ok');
      expect(await other.load(record.id, Date.now())).to.deep.equal({ ...record, version: 8, body: '"other 7"' });
    });

    it("an update that was 'conflict' stays so", async () => {
      const record = aRecord();
      await store.create(record);
      await other.update({ ...record, body: '"other"' });
      expect(await twice(record.id, () => store.update({ ...record, body: '"mine"' }))).to.equal('conflict');
      expect(await other.load(record.id, Date.now())).to.include({ version: 1, body: '"other"' });
    });

    it("a retire is 'ok', also when the tombstone was deleted meanwhile", async () => {
      const record = aRecord({ uid: newName() });
      await store.create(record);
      const tombstone = aTombstone(record.id, { successor: newName() });
      expect(await twice(record.id, () => store.retire(record.id, 0, tombstone))).to.equal('ok');
      expect(await other.load(record.id, Date.now())).to.deep.equal(tombstone);

      const next = aRecord();
      await store.create(next);
      const outcome = await twice(
        next.id,
        () => store.retire(next.id, 0, aTombstone(next.id)),
        async () => void expect(await other.delete(next.id)).to.equal(false),
      );
      expect(outcome).to.equal('ok');
    });

    it('a delete of a session is true, and of a tombstone false', async () => {
      const record = aRecord({ uid: newName() });
      await store.create(record);
      expect(await twice(record.id, () => store.delete(record.id))).to.equal(true);
      expect(await other.load(record.id, Date.now())).to.equal(undefined);

      const retired = aRecord();
      await store.create(retired);
      await store.retire(retired.id, 0, aTombstone(retired.id));
      expect(await twice(retired.id, () => store.delete(retired.id))).to.equal(false);
    });

    it('a touch is true', async () => {
      const record = aRecord();
      await store.create(record);
      expect(await twice(record.id, () => store.touch(record.id, null, record.lastAccess + 1, null))).to.equal(true);
    });

    it('deleteOfUser tells the session', async () => {
      const record = aRecord({ uid: newName() });
      await store.create(record);
      expect(await twice(record.id, () => store.deleteOfUser(String(record.uid)))).to.deep.equal([record.id]);
    });

    it('deleteAll leaves nothing, and what begins afterwards stays', async () => {
      const before = aRecord();
      await store.create(before);
      const { cuts } = tap;
      tap.cutNext(isWrite);
      await store.deleteAll();
      expect(tap.cuts).to.equal(cuts + 1);
      expect(await other.load(before.id, Date.now())).to.equal(undefined);
      const after = aRecord();
      await other.create(after);
      expect(await store.load(after.id, Date.now())).to.deep.equal(after);
    });

    it('deleteAll does not bring back what another deleteAll has ended meanwhile', async () => {
      const between = aRecord();
      tap.cutNext(isWrite, async () => {
        // A miss has the other store hear of the deleteAll that was cut off.
        await other.load(newName(), Date.now());
        await other.create(between);
        expect(await other.load(between.id, Date.now())).to.deep.equal(between);
        await other.deleteAll();
      });
      await store.deleteAll();
      for (const one of [store, other]) expect(await one.load(between.id, Date.now())).to.equal(undefined);
    });
  });
}

describe(`When ${NODE_REDIS_6.name} loses the reply to a command, which it does not send again`, () => {
  it('the operation rejects, and what it did is there', async function () {
    const { port } = await sharedRedis(this);
    const tap = await WireTap.before(port);
    const stores = new Stores();
    try {
      const store = await stores.open(NODE_REDIS_6, tap.port);
      const record = aRecord();
      await store.create(record);
      tap.cutNext(isWrite);
      const failure = await store.update({ ...record, body: '{"n":1}' }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(StoreUnavailable);
      expect(await store.load(record.id, Date.now())).to.include({ body: '{"n":1}', version: 1 });
    } finally {
      stores.close();
      tap.close();
    }
  });
});
