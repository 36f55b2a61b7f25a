import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import sinon from 'sinon';
import { type RedisClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, newName } from './support.js';

describe('The deadline of a RedisStore', () => {
  let redis: Redis;
  guardRejections();

  before(async function () {
    redis = new Redis({ port: (await sharedRedis(this)).port, host: '127.0.0.1' });
  });

  after(() => redis?.disconnect());

  /** A client whose replies wait to be let go, from when it is told to on. */
  class Sluggish {
    readonly commands: string[] = [];
    isHolding = false;
    readonly #held: (() => void)[] = [];

    readonly client: RedisClient = {
      call: async (command, args) => {
        this.commands.push(command);
        const reply = await redis.call(command, args).catch((error: unknown) => error);
        if (this.isHolding) await new Promise<void>((resolve) => this.#held.push(resolve));
        if (reply instanceof Error) throw reply;
        return reply;
      },
    };

    /** Comes back when so many replies are held. */
    async answered(count: number): Promise<void> {
      while (this.#held.length < count) await nextTurn();
    }

    async letGo(): Promise<void> {
      for (const go of this.#held.splice(0)) go();
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    }
  }

  it('is one for all commands of an operation', async () => {
    const slow = new Sluggish();
    const store = new RedisStore({ client: slow.client, prefix: `${newName()}:`, deadline: 100 });
    const record = aRecord({ uid: newName() });
    await store.create(record);
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      slow.isHolding = true;
      slow.commands.length = 0;
      let failure: unknown;
      const writing = store.update({ ...record, expiresAt: null }).catch((error: unknown) => {
        failure = error;
      });
      await slow.answered(1);
      await clock.tickAsync(60);
      await slow.letGo();
      await slow.answered(1);
      expect(slow.commands).to.have.lengthOf(2);
      await clock.tickAsync(39);
      expect(failure).to.equal(undefined);
      await clock.tickAsync(1);
      await writing;
      expect(failure).to.be.instanceOf(StoreUnavailable);
      await slow.letGo();
      expect(slow.commands).to.have.lengthOf(2);
    } finally {
      clock.restore();
    }
  });

  it('has no script follow that Redis turns out not to know too late', async () => {
    const slow = new Sluggish();
    const store = new RedisStore({ client: slow.client, prefix: `${newName()}:`, deadline: 60 });
    await store.load(newName(), 0);
    await redis.call('SCRIPT', ['FLUSH']);
    slow.isHolding = true;
    slow.commands.length = 0;
    expect(await errorOf(() => store.create(aRecord()))).to.be.instanceOf(StoreUnavailable);
    await slow.answered(1);
    await slow.letGo();
    expect(slow.commands.filter((name) => name.startsWith('EVAL'))).to.deep.equal(['EVALSHA']);
  });
});
