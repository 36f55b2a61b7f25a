import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { PostgresListener } from '../../../src/drivers/postgres/index.js';
import { PostgresBus, type PostgresBusPool } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';

const ATTEMPTS = 4;
const FAILURE = new Error('refused');

/** A pool that counts its clients, and whose clients answer as `answer` says. */
class CountingPool implements PostgresBusPool {
  checkedOut = 0;
  released = 0;
  readonly #answer: (isListen: boolean, client: EventEmitter) => void;

  constructor(answer: (isListen: boolean, client: EventEmitter) => void) {
    this.#answer = answer;
  }

  async query(): Promise<{ rows: [] }> {
    return { rows: [] };
  }

  async connect(): Promise<PostgresListener> {
    this.checkedOut += 1;
    const client = new EventEmitter();
    return {
      query: async ({ text }) => {
        this.#answer(text.startsWith('LISTEN'), client);
        return { rows: [] };
      },
      on: (event, listener) => client.on(event, listener),
      release: () => {
        this.released += 1;
      },
    };
  }
}

describe('PostgresBus returns each client that it checked out', () => {
  const failures: readonly (readonly [string, (isListen: boolean, client: EventEmitter) => void])[] = [
    [
      'LISTEN fails',
      (isListen) => {
        if (isListen) throw FAILURE;
      },
    ],
    [
      'the first read fails',
      (isListen) => {
        if (!isListen) throw FAILURE;
      },
    ],
    [
      'the connection ends before the first read',
      (isListen, client) => {
        client.emit('end');
        if (isListen) throw FAILURE;
      },
    ],
  ];
  for (const [why, answer] of failures) {
    it(`when ${why}, however often`, async () => {
      const pool = new CountingPool(answer);
      const bus = new PostgresBus({ pool });
      const listener = { message() {}, missed() {} };
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        expect(await errorOf(() => bus.connect(listener))).to.be.instanceOf(StoreUnavailable);
      }
      expect([pool.checkedOut, pool.released]).to.deep.equal([ATTEMPTS, ATTEMPTS]);
      await bus.close();
      expect(pool.released).to.equal(ATTEMPTS);
    });
  }
});
