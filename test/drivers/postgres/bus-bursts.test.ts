import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { PostgresBus, type PostgresBusPool } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { fakeDeadlines } from '../../support/fake-time.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';

const DEADLINE = 1_000;
const KEEPING = { limit: 0, life: 1_000 };

/** A pool that answers when the test has it answer. */
class WaitingPool implements PostgresBusPool {
  readonly answers: (() => void)[] = [];

  query(): ReturnType<PostgresBusPool['query']> {
    return new Promise((resolve) => {
      const last = this.answers.length + 1;
      this.answers.push(() => resolve({ rows: [{ epoch: 'e', last }] }));
    });
  }

  connect(): never {
    throw new Error('nobody connects');
  }
}

describe('PostgresBus, with many messages at once,', () => {
  const time = fakeDeadlines();
  let pool: WaitingPool;
  let bus: PostgresBus;
  guardRejections();

  beforeEach(() => {
    pool = new WaitingPool();
    bus = new PostgresBus({ pool, deadline: DEADLINE });
  });

  afterEach(() => bus.close());

  const publish = (): Promise<string> => bus.publish('topic', 'body', KEEPING);

  it('publishes two at a time, and leaves the rest of the pool to the application', async () => {
    const positions = Promise.all([publish(), publish(), publish(), publish()]);
    await nextTurn();
    expect(pool.answers).to.have.length(2);
    pool.answers[1]?.();
    await nextTurn();
    expect(pool.answers).to.have.length(3);
    pool.answers[2]?.();
    await nextTurn();
    for (const answer of pool.answers) answer();
    expect(new Set(await positions).size).to.equal(4);
  });

  it('rejects each at its deadline, also one that waits behind others', async () => {
    const errors: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      void errorOf(publish).then((error) => errors.push(error));
      await nextTurn();
    }
    await time.pass(DEADLINE - 1);
    expect(errors).to.deep.equal([]);
    await time.pass(1);
    expect(errors).to.have.length(3);
    for (const error of errors) expect(error).to.be.instanceOf(StoreUnavailable);
  });
});
