import { inspect } from 'node:util';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, type RedisServer } from '../../support/servers/redis.js';
import { aRecord, aTombstone, BOTH_KINDS, newName, Stores } from './support.js';

const SECRET = 'the-customer-is-ill';

describe('A RedisStore whose Redis refuses', () => {
  let server: RedisServer | undefined;
  let admin: Redis;
  let port: number;
  guardRejections();

  before(async function () {
    server = await ownRedis(this);
    ({ port } = server);
    admin = new Redis({ port, host: '127.0.0.1' });
  });

  after(async () => {
    admin?.disconnect();
    await server?.process.stop('SIGKILL');
  });

  for (const make of BOTH_KINDS) {
    describe(`with ${make.name}`, () => {
      let stores: Stores;

      beforeEach(() => {
        stores = new Stores();
      });

      afterEach(() => stores.close());

      it('sends a script again that Redis has forgotten', async () => {
        const store = await stores.open(make, port);
        const record = aRecord({ uid: newName() });
        await store.create(record);
        for (let version = 0; version < 3; version += 1) {
          await admin.call('SCRIPT', ['FLUSH']);
          expect(await store.update({ ...record, version })).to.equal('ok');
        }
        await admin.call('SCRIPT', ['FLUSH']);
        expect(await store.ofUser(String(record.uid), Date.now())).to.have.lengthOf(1);
        await admin.call('SCRIPT', ['FLUSH']);
        expect(await store.deleteOfUser(String(record.uid))).to.deep.equal([record.id]);
      });

      it('tells why with nothing of what was to be written, nor whose it is', async () => {
        const store = await stores.open(make, port);
        await store.create(aRecord());
        const record = aRecord({ uid: SECRET, lineage: SECRET, body: JSON.stringify(SECRET) });
        await admin.call('ACL', ['SETUSER', 'default', '-evalsha', '-get']);
        try {
          for (const work of [
            () => store.create(record),
            () => store.load(record.id, 0),
            () => store.deleteOfUser(SECRET),
          ]) {
            expectQuiet(await errorOf(work), /^Redis failed: NOPERM/, [SECRET, record.id]);
          }
        } finally {
          await admin.call('ACL', ['SETUSER', 'default', '+@all']);
        }
      });

      it('tells that a key is of another kind', async () => {
        const store = await stores.open(make, port);
        const record = aRecord();
        await store.create(record);
        const [key = ''] = await admin.keys(`*${record.id}`);
        await admin.del(key);
        await admin.rpush(key, SECRET);
        for (const work of [
          () => store.load(record.id, 0),
          () => store.update(record),
          () => store.delete(record.id),
        ]) {
          expectQuiet(await errorOf(work), /^Redis failed: .*WRONGTYPE/, [SECRET, record.id]);
        }
      });

      it('still reads and ends sessions when its memory is full', async () => {
        const store = await stores.open(make, port);
        const uid = newName();
        const [one, two, three, four] = [aRecord({ uid }), aRecord({ uid }), aRecord({ uid }), aRecord({ uid })];
        for (const record of [one, two, three, four]) await store.create(record);
        await admin.config('SET', 'maxmemory', '1');
        try {
          expectQuiet(await errorOf(() => store.create(aRecord({ body: SECRET }))), /OOM/, [SECRET]);
          expectQuiet(await errorOf(() => store.update({ ...one, body: SECRET })), /OOM/, [SECRET]);
          expect(await store.load(one.id, Date.now())).to.deep.equal(one);
          const tombstone = aTombstone(two.id, { reason: 'signed out' });
          expect(await store.retire(two.id, 0, tombstone)).to.equal('ok');
          expect(await store.load(two.id, Date.now())).to.deep.equal(tombstone);
          expect(await store.delete(three.id)).to.equal(true);
          expect([...(await store.deleteOfUser(uid))].sort()).to.deep.equal([one.id, four.id].sort());
        } finally {
          await admin.config('SET', 'maxmemory', '0');
        }
        for (const { id } of [one, three, four]) expect(await store.load(id, Date.now())).to.equal(undefined);
      });

      it('leaves its client open when it is closed, and rejects when that was ended', async () => {
        const client = await stores.client(make, port);
        const closed = new RedisStore({ client });
        await closed.close();
        expect(await errorOf(() => closed.load(newName(), 0))).to.be.instanceOf(StoreUnavailable);
        const store = new RedisStore({ client, prefix: stores.prefix });
        const record = aRecord();
        await store.create(record);
        stores.close();
        expectQuiet(await errorOf(() => store.load(record.id, 0)), /^Redis failed: .*closed/, [record.id]);
      });
    });
  }

  it('tells what kind of failure it was that has nothing to say', async () => {
    class SomeTimeout extends Error {}
    for (const [error, message] of [
      [new SomeTimeout(), 'Redis failed: SomeTimeout'],
      [Object.assign(new AggregateError([new Error(SECRET)]), { code: 'ECONNREFUSED' }), 'Redis failed: ECONNREFUSED'],
      [Object.assign(new Error('gone'), { command: { args: [SECRET] } }), 'Redis failed: gone'],
    ] as const) {
      const store = new RedisStore({ client: { call: () => Promise.reject(error) } });
      expectQuiet(await errorOf(() => store.load(newName(), 0)), new RegExp(`^${message}$`), [SECRET]);
    }
  });

  it('leaves out what Redis quotes of a command that it does not know', async function () {
    const crippled = await ownRedis(this, { more: ['--rename-command', 'EVALSHA', '""'] });
    for (const make of BOTH_KINDS) {
      const stores = new Stores();
      const store = await stores.open(make, crippled.port);
      const failure = await errorOf(() => store.create(aRecord()));
      stores.close();
      expectQuiet(failure, /^Redis failed: ERR unknown command 'EVALSHA'$/i, [stores.prefix]);
    }
    await crippled.process.stop('SIGKILL');
  });
});

/** Neither the error, nor anything that hangs on it, may hold one of these. */
function expectQuiet(failure: unknown, message: RegExp, secrets: readonly string[]): void {
  if (!(failure instanceof StoreUnavailable)) throw new Error('no StoreUnavailable', { cause: failure });
  expect(failure.message).to.match(message);
  expect(failure.cause).to.be.instanceOf(Error);
  const shown = inspect(failure, { depth: 20, showHidden: true });
  for (const secret of secrets) expect(shown).not.to.include(secret);
}
