import { expect } from 'chai';
import { Redis } from 'ioredis';
import sinon from 'sinon';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { ServerSessionStorage, StoreUnavailable } from '../../../src/index.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, type RedisServer } from '../../support/servers/redis.js';
import { ALL_MAKES, aRecord, aTombstone, IOREDIS_6, newName, Stores } from './support.js';

const SECOND = 1_000;

describe('When the node that a RedisStore reads from was demoted', () => {
  let servers: readonly RedisServer[] = [];
  let old: Redis;
  let stores: Stores;
  let clock: sinon.SinonFakeTimers;
  guardRejections();

  before(async function () {
    servers = [await ownRedis(this), await ownRedis(this)];
    old = new Redis({ port: portOf(0), host: '127.0.0.1' });
  });

  beforeEach(() => {
    stores = new Stores();
  });

  afterEach(async () => {
    clock?.restore();
    stores.close();
    await old.call('REPLICAOF', ['NO', 'ONE']);
  });

  after(async () => {
    old?.disconnect();
    await Promise.all(servers.map((server) => server.process.stop('SIGKILL')));
  });

  const portOf = (at: number): number => servers[at]?.port ?? 0;

  /** It goes on answering reads, from what it had. */
  const demote = (): Promise<unknown> => old.call('REPLICAOF', ['127.0.0.1', '1']);

  const timePasses = (): void => {
    clock = sinon.useFakeTimers({ toFake: ['performance'], now: 0 });
  };

  const refused = async (work: Promise<unknown>): Promise<void> => {
    const failure = await work.catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StoreUnavailable);
  };

  for (const make of ALL_MAKES) {
    it(`a process that only reads opens no session from there a second later, with ${make.name}`, async () => {
      timePasses();
      const store = await stores.open(make, portOf(0));
      const record = aRecord({ uid: newName() });
      await store.create(record);
      await demote();
      clock.tick(SECOND);
      await refused(store.load(record.id, 0));
      await refused(store.load(record.id, 0));
      await refused(store.ofUser(String(record.uid), 0));
      await old.call('REPLICAOF', ['NO', 'ONE']);
      expect(await store.load(record.id, 0)).to.deep.equal(record);
    });

    it(`one that was told so by a write opens none from then on, with ${make.name}`, async () => {
      const store = await stores.open(make, portOf(0));
      const record = aRecord({ uid: newName() });
      await store.create(record);
      await demote();
      await refused(store.update(record));
      for (const work of [
        () => store.load(record.id, 0),
        () => store.touch(record.id, null, 0, null),
        () => store.retire(record.id, null, aTombstone(record.id)),
        () => store.delete(record.id),
        () => store.deleteOfUser(String(record.uid)),
        () => store.ofUser(String(record.uid), 0),
        () => store.create(aRecord()),
        () => store.sweep(0, 1),
        () => store.deleteAll(),
      ]) {
        await refused(work());
      }
      await old.call('REPLICAOF', ['NO', 'ONE']);
      expect(await store.update(record)).to.equal('ok');
      expect(await store.load(record.id, 0)).to.include({ version: 1 });
    });

    it(`its storage is not well, and does not sign anyone in from there, with ${make.name}`, async () => {
      const store = await stores.open(make, portOf(0));
      const sessionStorage = new ServerSessionStorage({ store, sweepInterval: null });
      const session = await sessionStorage.create();
      session.setUser('u1');
      await session.save();
      await demote();
      await refused(sessionStorage.create());
      await refused(sessionStorage.get(session.forClient()));
      expect(await sessionStorage.health()).to.include({ isReachable: false });
      await old.call('REPLICAOF', ['NO', 'ONE']);
      expect((await sessionStorage.get(session.forClient())).uid).to.equal('u1');
      await sessionStorage.close();
    });
  }

  it('a new process does not begin there', async () => {
    await demote();
    for (const make of ALL_MAKES) await refused((await stores.open(make, portOf(0))).load(newName(), 0));
  });

  it('one write at a time asks, however many operations wait for it', async () => {
    const sent: string[] = [];
    const client: RedisClient = {
      call: (command, args) => {
        sent.push(command);
        return old.call(command, args);
      },
    };
    const store = new RedisStore({ client, prefix: stores.prefix });
    const record = aRecord();
    await store.create(record);
    await demote();
    await refused(store.update(record));
    sent.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => refused(store.load(record.id, 0))));
    expect(sent).to.deep.equal(['EVALSHA']);
    await old.call('REPLICAOF', ['NO', 'ONE']);
    sent.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => store.load(record.id, 0)));
    expect(sent.filter((command) => command === 'EVALSHA')).to.have.lengthOf(1);
    expect(sent.filter((command) => command === 'GET')).to.have.lengthOf(50);
  });

  it('a write that began before the doubt does not end it', async () => {
    timePasses();
    let isHeld = false;
    let letGo = (): void => {};
    const client: RedisClient = {
      call: async (command, args) => {
        const reply = await old.call(command, args);
        if (isHeld && command === 'EVALSHA') {
          isHeld = false;
          await new Promise<void>((resolve) => {
            letGo = resolve;
          });
        }
        return reply;
      },
    };
    const store = new RedisStore({ client, prefix: stores.prefix });
    const record = aRecord();
    await store.create(record);
    clock.tick(SECOND);
    isHeld = true;
    const reading = store.load(record.id, 0);
    while (isHeld) await old.ping();
    await demote();
    await refused(store.update(record));
    letGo();
    await reading;
    await refused(store.load(record.id, 0));
  });

  it('the question changes nothing that Redis would send to a replica or write to disk', async () => {
    timePasses();
    const store = await stores.open(IOREDIS_6, portOf(0));
    await store.load(newName(), 0);
    const changes = async (): Promise<string | undefined> => {
      return /rdb_changes_since_last_save:(\d+)/.exec(String(await old.info('persistence')))?.[1];
    };
    const before = await changes();
    for (let count = 0; count < 5; count += 1) {
      clock.tick(SECOND);
      await store.load(newName(), 0);
    }
    expect(await changes()).to.equal(before);
  });

  it('a primary that refuses writes for another reason is still read from', async () => {
    timePasses();
    const store = await stores.open(IOREDIS_6, portOf(0));
    const record = aRecord();
    await store.create(record);
    await old.config('SET', 'min-replicas-to-write', '5');
    try {
      clock.tick(SECOND);
      expect(await store.load(record.id, 0)).to.deep.equal(record);
      await refused(store.update(record));
      expect(await store.load(record.id, 0)).to.deep.equal(record);
    } finally {
      await old.config('SET', 'min-replicas-to-write', '0');
    }
  });
});
