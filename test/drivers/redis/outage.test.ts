import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { RedisStore } from '../../../src/drivers/redis/index.js';
import { type SessionRecord, StoreUnavailable } from '../../../src/index.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, type RedisServer } from '../../support/servers/redis.js';
import { ALL_MAKES, aRecord, aTombstone, BOTH_KINDS, newName, Stores } from './support.js';

const DEADLINE = 300;
/** ms by which a busy machine may be late. */
const LATE = 2_000;
const WORKERS = 8;

describe('When Redis hangs', () => {
  const stores = new Stores();
  let redis: RedisServer | undefined;
  guardRejections();

  before(async function () {
    redis = await ownRedis(this);
  });

  after(async () => {
    stores.close();
    await redis?.process.stop('SIGKILL');
  });

  for (const make of ALL_MAKES) {
    it(`every operation rejects within the deadline, and works again afterwards, with ${make.name}`, async () => {
      if (redis === undefined) throw new Error('no Redis');
      const store = await stores.open(make, redis.port, { deadline: DEADLINE });
      const record = aRecord({ uid: newName() });
      const { id } = record;
      await store.create(record);

      redis.process.signal('SIGSTOP');
      const start = performance.now();
      const settled = await Promise.allSettled([
        store.create(aRecord({ uid: newName() })),
        store.create(aRecord()),
        store.load(id, Date.now()),
        store.update({ ...record, body: '"while it hung"' }),
        store.touch(id, null, Date.now() + 1, null),
        store.retire(newName(), 0, aTombstone(id)),
        store.delete(newName()),
        store.ofUser(newName(), Date.now()),
        store.deleteOfUser(newName()),
      ]);
      expect(performance.now() - start).to.be.within(DEADLINE - 5, DEADLINE + LATE);
      redis.process.signal('SIGCONT');
      for (const one of settled) {
        expect(one.status).to.equal('rejected');
        if (one.status === 'rejected') expect(one.reason).to.be.instanceOf(StoreUnavailable);
      }

      expect(await untilItAnswers(() => store.load(id, Date.now()))).to.include({ id });
      const next = aRecord({ uid: newName() });
      await store.create(next);
      expect(await store.ofUser(String(next.uid), Date.now())).to.deep.equal([next]);
    });
  }
});

describe('When Redis is killed and started again', () => {
  const stores = new Stores();
  let redis: RedisServer | undefined;
  guardRejections();

  before(async function () {
    redis = await ownRedis(this, { isDurable: true });
  });

  after(async () => {
    stores.close();
    await redis?.process.stop('SIGKILL');
  });

  for (const make of BOTH_KINDS) {
    it(`every call settles in time, and nothing acknowledged is lost where all is on disk, with ${make.name}`, async () => {
      if (redis === undefined) throw new Error('no Redis');
      const store = await stores.open(make, redis.port, { deadline: DEADLINE });
      const load = new Load(store);
      await load.begin();
      await load.until(() => load.successes >= 100);
      await redis.process.stop('SIGKILL');
      await load.until(() => load.failures >= 2 * WORKERS);
      await redis.process.start();
      const before = load.successes;
      await load.until(() => load.successes >= before + 100);
      await load.end();

      expect(load.longest).to.be.below(DEADLINE + LATE);
      expect(load.surprises).to.deep.equal([]);
      for (const { record, acknowledged } of load.counters) {
        const stored = await untilItAnswers(() => store.load(record.id, Date.now()));
        if (stored === undefined || 'retired' in stored) throw new Error('an acknowledged session was lost');
        expect(stored.version).to.be.at.least(acknowledged);
        expect(stored.body).to.equal(JSON.stringify({ count: stored.version }));
      }
    });
  }
});

interface Counter {
  record: SessionRecord;
  /** The last version that an update said 'ok' to. */
  acknowledged: number;
}

/** Workers that count up in sessions of their own, as fast as the store lets them. */
class Load {
  readonly counters: Counter[] = [];
  readonly surprises: unknown[] = [];
  successes = 0;
  failures = 0;
  longest = 0;
  readonly #store: RedisStore;
  #isOver = false;
  #work: Promise<unknown> = Promise.resolve();
  #check = (): void => {};

  constructor(store: RedisStore) {
    this.#store = store;
  }

  async begin(): Promise<void> {
    for (let count = 0; count < WORKERS; count += 1) {
      const record = aRecord({ uid: newName(), body: '{"count":0}' });
      await this.#store.create(record);
      this.counters.push({ record, acknowledged: 0 });
    }
    this.#work = Promise.all(this.counters.map((counter) => this.#countUp(counter)));
  }

  until(isReached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (isReached()) resolve();
      };
    });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #countUp(counter: Counter): Promise<void> {
    while (!this.#isOver) {
      const { record } = counter;
      const outcome = await this.#timed(() =>
        this.#store.update({ ...record, body: JSON.stringify({ count: record.version + 1 }) }),
      );
      if (outcome === 'ok') counter.acknowledged = record.version + 1;
      // What became of an update that was given up, the store alone knows.
      const stored = outcome === 'ok' ? undefined : await this.#timed(() => this.#store.load(record.id, Date.now()));
      if (outcome === 'ok') counter.record = { ...record, version: record.version + 1 };
      else if (stored !== undefined && 'body' in stored) counter.record = stored;
    }
  }

  async #timed<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const start = performance.now();
    try {
      const result = await work();
      this.successes += 1;
      return result;
    } catch (error) {
      this.failures += 1;
      if (!(error instanceof StoreUnavailable)) this.surprises.push(error);
      await nextTurn();
      return undefined;
    } finally {
      this.longest = Math.max(this.longest, performance.now() - start);
      this.#check();
    }
  }
}

/** The first answer: a client may need a moment for what it has queued. */
async function untilItAnswers<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await nextTurn();
    }
  }
}
