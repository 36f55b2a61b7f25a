import { expect } from 'chai';
import pg from 'pg';
import {
  type PostgresBusPool,
  PostgresRevocationLog,
  type PostgresRevocationLogOptions,
} from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { durablePostgres, type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { SilentProxy } from '../../support/servers/silent-proxy.js';
import { closePools, deafPool, newTable, openPool, untilBlocked } from './support.js';

/** ms within which a notified entry is read: far below the interval. */
const SOON = 2_500;
const INTERVAL = 5_000;

describe('PostgresRevocationLog', () => {
  const durable = durablePostgres();
  const logs: PostgresRevocationLog[] = [];
  let server: PostgresServer;
  let table: string;
  guardRejections();

  before(async function () {
    server = await postgres(this);
  });

  beforeEach(() => {
    table = newTable();
  });

  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
    await closePools();
  });

  const open = async (
    pool: PostgresRevocationLogOptions['pool'],
    options: Partial<PostgresRevocationLogOptions> = {},
  ): Promise<PostgresRevocationLog> => {
    const log = new PostgresRevocationLog({ pool, table, deadline: 10_000, ...options });
    logs.push(log);
    await log.migrate();
    return log;
  };

  const listeners = async (pool: pg.Pool): Promise<readonly number[]> => {
    const { rows } = await pool.query(`SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle'`);
    return rows.map(({ pid }) => Number(pid));
  };

  /** How long it takes until an entry is read, ms. */
  const delayOf = async (log: PostgresRevocationLog, ear: LogEar): Promise<number> => {
    const start = performance.now();
    const seq = await log.append(aRevocation());
    await ear.until(({ seqs, isOver }) => seqs.includes(seq) || isOver);
    expect(ear.failure).to.equal(undefined);
    return performance.now() - start;
  };

  it('yields no entry before an earlier one that is still being committed', async () => {
    const client = new pg.Client(server.address);
    await client.connect();
    const pool = openPool(server);
    const [reading, second, third] = [await open(pool, { pollInterval: 20 }), await open(pool), await open(pool)];
    const first = await open(client);
    const start = await second.append(aRevocation());
    const ear = await new LogEar(reading, start).caughtUp();

    await client.query('BEGIN');
    const held = await first.append(aRevocation());
    const waiting = [second.append(aRevocation()), third.append(aRevocation())];
    await untilBlocked(openPool(server), 2);
    const { beats } = ear;
    await ear.until((now) => now.beats > beats + 3);
    expect(ear.seqs).to.deep.equal([]);
    await client.query('COMMIT');
    await Promise.all(waiting);
    await ear.until(({ entries }) => entries.length === 3);
    expect(ear.seqs[0]).to.equal(held);
    expect(ear.seqs).to.have.members([held, ...(await Promise.all(waiting))]);
    await client.end();
  });

  it('reads at once when it is notified, again after the connection that listens was ended', async () => {
    const pool = openPool(server);
    const log = await open(pool, { pollInterval: INTERVAL });
    const ear = await new LogEar(log).caughtUp();
    while ((await listeners(pool)).length === 0);
    expect(await delayOf(log, ear)).to.be.below(SOON);

    const [pid] = await listeners(pool);
    await pool.query('SELECT pg_terminate_backend($1)', [pid]);
    // Not notified, but not lost.
    await delayOf(log, ear);
    ear.stop();
    const again = await new LogEar(log).caughtUp();
    while ((await listeners(pool)).length === 0);
    expect(await delayOf(log, again)).to.be.below(SOON);
  });

  it('waits for the interval again after it was notified', async () => {
    const pool = openPool(server);
    const log = await open(pool, { pollInterval: INTERVAL });
    const ear = await new LogEar(log).caughtUp();
    while ((await listeners(pool)).length === 0);
    await delayOf(log, ear);
    const { beats } = ear;
    const start = performance.now();
    while (performance.now() - start < INTERVAL / 5) await listeners(pool);
    expect(ear.beats - beats).to.be.at.most(2);
  });

  it('reads at once although earlier reads ended while their connection was opened', async () => {
    const pool = openPool(server);
    const gates: (() => void)[] = [];
    const slow: PostgresBusPool = {
      query: (query) => pool.query(query),
      connect: async () => {
        const client = await pool.connect();
        return {
          query: async (query) => {
            const result = await client.query(query);
            await new Promise<void>((resolve) => gates.push(resolve));
            return result;
          },
          on: (event, listener) => client.on(event, listener),
          release: (isBroken) => client.release(isBroken),
        };
      },
    };
    const log = await open(slow, { pollInterval: INTERVAL });
    const first = await new LogEar(log).caughtUp();
    while (gates.length === 0) await pool.query('SELECT');
    first.stop();
    const ear = await new LogEar(log).caughtUp();
    gates.shift()?.();
    while (gates.length === 0) await pool.query('SELECT');
    gates.shift()?.();
    expect(await delayOf(log, ear)).to.be.below(SOON);
  });

  it('reads without notifications, as through a proxy that shares connections', async () => {
    const pool = openPool(server);
    const failing: PostgresBusPool = {
      query: (query) => pool.query(query),
      connect: () => Promise.reject(new Error('no connection is free')),
    };
    for (const one of [deafPool(pool), failing, { query: (query: pg.QueryConfig) => pool.query(query) }]) {
      const log = await open(one, { pollInterval: 50 });
      await delayOf(log, await new LogEar(log).caughtUp());
    }
  });

  it('takes only one connection of a Pool that has one', async () => {
    const pool = openPool(server, { max: 1 });
    const log = await open(pool, { pollInterval: 50, deadline: 1_000 });
    const ear = await new LogEar(log).caughtUp();
    await ear.until(({ beats, isOver }) => beats > 3 || isOver);
    await delayOf(log, ear);
  });

  it('fails a read when its connection falls silent, within its deadline, and reads on', async () => {
    const proxy = await SilentProxy.before(server.address.port);
    const through = { ...server, address: { ...server.address, port: proxy.port } };
    const log = await open(openPool(through, { max: 2 }), { deadline: 500, pollInterval: 100 });
    const direct = openPool(server);
    const other = await open(direct);
    const ear = await new LogEar(log).caughtUp();
    // Once both connections are open, the one that listens and the one that polls.
    while ((await listeners(direct)).length === 0);
    await ear.until(({ beats }) => beats > 5);
    const start = performance.now();
    proxy.silence();
    const seq = await other.append(aRevocation());
    expect(await ear.error()).to.be.instanceOf(StoreUnavailable);
    expect(performance.now() - start).to.be.below(SOON);
    expect(await storedSeqs(log)).to.deep.equal([seq]);
    proxy.close();
  });

  it('fails its reads in a crash, and loses nothing that was acknowledged', async function () {
    const { address, process } = await durable(this);
    const pools = [1, 2].map(() => openPool({ address, process }, { max: 4, connectionTimeoutMillis: 1_000 }));
    const [reading, writing] = await Promise.all(pools.map((pool) => open(pool, { deadline: 2_000 })));
    if (reading === undefined || writing === undefined) throw new Error('no log');
    const first = await writing.append(aRevocation());
    const ear = await new LogEar(reading, first).caughtUp();
    const acknowledged: string[] = [];
    let failures = 0;
    const write = async (): Promise<void> => {
      for (let isDone = false; !isDone; ) {
        await writing.append(aRevocation()).then(
          (seq) => {
            acknowledged.push(seq);
            isDone = failures > 0;
          },
          (error: unknown) => {
            expect(error).to.be.instanceOf(StoreUnavailable);
            failures += 1;
          },
        );
      }
    };
    const written = write();
    await ear.until(({ entries }) => entries.length >= 30);
    await process.stop('SIGQUIT');
    expect(await ear.error())
      .to.be.instanceOf(StoreUnavailable)
      .with.property('code', 'ERR_SESSION_STORE_UNAVAILABLE');
    await process.start();
    await written;
    const after = await storedSeqs(reading, ear.seqs.at(-1));
    expect([...ear.seqs, ...after]).to.include.members(acknowledged);
    await process.stop('SIGQUIT');
  });

  it('does not read from a standby', async () => {
    const pool = openPool(server);
    let isStandby = false;
    const log = await open({
      query: async (query) => {
        const { rows } = await pool.query(query);
        return { rows: (rows ?? []).map((row) => ('is_standby' in row ? { ...row, is_standby: isStandby } : row)) };
      },
    });
    expect(await storedSeqs(log)).to.deep.equal([]);
    isStandby = true;
    expect(await errorOf(() => storedSeqs(log), StoreUnavailable)).to.match(/standby/);
  });

  it('leaves no connection checked out', async () => {
    const pool = openPool(server);
    const log = await open(pool);
    for (let round = 0; round < 20; round += 1) {
      const ears = [new LogEar(log), new LogEar(log)];
      if (round % 2 === 0) await Promise.all(ears.map((ear) => ear.caughtUp()));
      for (const ear of ears) ear.stop();
      for (const ear of ears) expect(await ear.error()).to.equal(undefined);
    }
    const last = await new LogEar(log).caughtUp();
    while ((await listeners(pool)).length === 0);
    await log.close();
    expect(await last.error()).to.equal(undefined);
    while (pool.totalCount > pool.idleCount) await pool.query('SELECT');
    // PostgreSQL notices a moment later that a connection was closed.
    while ((await listeners(pool)).length > 0);
    expect(await listeners(pool)).to.deep.equal([]);
  });
});
