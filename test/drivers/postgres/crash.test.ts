import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import { guardRejections } from '../../support/rejections.js';
import { durablePostgres, type PostgresServer } from '../../support/servers/postgres.js';
import { closePools, NOW, openPool, record } from './support.js';

const DEADLINE = 500;
const WORKERS = 8;

/** Workers that write to sessions of their own, one call after the other, whatever comes of it. */
class Load {
  /** The latest version that was acknowledged, by id. */
  readonly acknowledged = new Map<string, number>();
  readonly unexpected: unknown[] = [];
  successes = 0;
  failures = 0;
  /** ms that the longest call took. */
  longest = 0;
  readonly #store: PostgresStore;
  readonly #workers: readonly Promise<void>[];
  #isOver = false;

  constructor(store: PostgresStore) {
    this.#store = store;
    this.#workers = Array.from({ length: WORKERS }, (_, worker) => this.#work(worker));
  }

  async until(reached: () => boolean): Promise<void> {
    while (!reached()) await nextTurn();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
  }

  async #work(worker: number): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      const id = `w${worker}-${count}`;
      const uid = `user${worker}`;
      await this.#call(id, 0, () => this.#store.create(record(id, { uid })));
      for (let version = 0; version < 3 && this.acknowledged.get(id) === version; version += 1) {
        await this.#call(id, version + 1, async () => {
          expect(await this.#store.update(record(id, { uid, version }))).to.equal('ok');
        });
      }
    }
  }

  async #call(id: string, version: number, operate: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    try {
      await operate();
      this.acknowledged.set(id, version);
      this.successes += 1;
    } catch (error) {
      this.failures += 1;
      if (!(error instanceof StoreUnavailable)) this.unexpected.push(error);
    }
    this.longest = Math.max(this.longest, performance.now() - begun);
  }
}

describe('PostgresStore: a server that crashes', () => {
  const durable = durablePostgres();
  let server: PostgresServer;

  beforeEach(async function () {
    server = await durable(this);
  });

  afterEach(closePools);

  guardRejections();

  /** Ends every process of the server at once, with no time to write anything. */
  async function kill(): Promise<void> {
    const client = new pg.Client(server.address);
    client.on('error', () => {});
    await client.connect();
    // So that it starts no process that would not be on the list.
    server.process.signal('SIGSTOP');
    const { rows } = await client.query('SELECT pid FROM pg_stat_activity');
    await server.process.stop('SIGKILL');
    for (const { pid } of rows) process.kill(pid, 'SIGKILL');
    await client.end().catch(() => {});
  }

  it('loses nothing that was acknowledged, keeps nobody waiting, and is there again by itself', async function () {
    this.timeout(60_000);
    const pool = openPool(server, { connectionTimeoutMillis: DEADLINE });
    const store = new PostgresStore({ pool, deadline: DEADLINE });
    await store.migrate();
    const load = new Load(store);
    for (const crash of [kill, () => server.process.stop('SIGQUIT')]) {
      const { successes, failures } = load;
      await load.until(() => load.successes > successes + 300);
      await crash();
      await load.until(() => load.failures > failures + WORKERS);
      await startAgain(server);
    }
    const { successes } = load;
    await load.until(() => load.successes > successes + 300);
    await load.end();

    expect(load.unexpected).to.deep.equal([]);
    expect(load.longest).to.be.below(DEADLINE + 2_000);
    const stored = new Map<string, number>();
    const patient = new PostgresStore({ pool: openPool(server), deadline: 10_000 });
    for (let worker = 0; worker < WORKERS; worker += 1) {
      for (const { id, version } of await patient.ofUser(`user${worker}`, NOW)) stored.set(id, version);
    }
    const lost = [...load.acknowledged].filter(([id, version]) => (stored.get(id) ?? -1) < version);
    expect(lost).to.deep.equal([]);
    expect(load.acknowledged.size).to.be.above(200);
  });
});

/** Killed processes end a moment later, and until then PostgreSQL refuses to begin anew on their data. */
async function startAgain({ process: server }: PostgresServer): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}
