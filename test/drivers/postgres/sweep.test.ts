import { expect } from 'chai';
import fc from 'fast-check';
import type pg from 'pg';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { type PostgresPool, PostgresStore } from '../../../src/drivers/postgres/index.js';
import type { Store } from '../../../src/ports/store.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, tombstone, Watched } from './support.js';

describe('PostgresStore: sweep', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let table: string;
  let store: PostgresStore;

  beforeEach(async function () {
    server = await postgres(this);
    pool = openPool(server);
    table = newTable();
    store = await newStore(pool, table);
  });

  afterEach(closePools);

  async function sweptIds(now: number, limit = 10): Promise<readonly string[]> {
    return (await store.sweep(now, limit)).map(({ id }) => id).sort();
  }

  /** How many rows have an instant at which they are looked at up to `now`. */
  async function due(now: number): Promise<number> {
    return (await pool.query(`SELECT FROM "${table}" WHERE due_at <= $1`, [now])).rows.length;
  }

  it('by eight clients at once takes each row once, and all of them', async () => {
    await pool.query(`INSERT INTO "${table}" (id, lineage, version, body, created, last_access, last_update, expires_at, due_at)
      SELECT 's' || i, 'l', 0, '{}', 0, 0, 0, i, i FROM generate_series(1, 3000) i`);
    const sweepAll = async (sweeper: PostgresStore): Promise<string[]> => {
      const ids: string[] = [];
      for (;;) {
        const swept = await sweeper.sweep(NOW, 50);
        ids.push(...swept.map(({ id }) => id));
        if (swept.length < 50) return ids;
      }
    };
    const sweepers = Array.from({ length: 8 }, () => new PostgresStore({ pool: openPool(server), table }));
    const ids = (await Promise.all(sweepers.map(sweepAll))).flat();
    expect(ids).to.have.length(3000);
    expect(new Set(ids).size).to.equal(3000);
  });

  it('neither waits for what others have locked nor counts it, and takes it the next time', async () => {
    for (const id of ['a', 'b', 'c']) await store.create(record(id, { expiresAt: 1 }));
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`SELECT FROM "${table}" WHERE id = 'b' FOR UPDATE`);
    expect(await sweptIds(NOW, 2)).to.deep.equal(['a', 'c']);
    expect(await sweptIds(NOW, 2)).to.deep.equal([]);
    await client.query('COMMIT');
    client.release();
    expect(await sweptIds(NOW, 2)).to.deep.equal(['b']);
  });

  it('finds what has expired behind any number that was put off', async () => {
    for (let count = 0; count < 25; count += 1) {
      await store.create(record(`off${count}`, { expiresAt: count }));
      await store.touch(`off${count}`, 'ada', NOW + 1, NOW + 5_000);
    }
    await store.create(record('a', { expiresAt: 100 }));
    await store.create(record('b', { expiresAt: 101 }));
    expect(await sweptIds(NOW, 2)).to.deep.equal(['a', 'b']);
    expect(await sweptIds(NOW, 2)).to.deep.equal([]);
  });

  it('looks at what was put off once, and then not until its new end', async () => {
    for (const [id, expiresAt] of [
      ['a', NOW + 5_000],
      ['b', null],
    ] as const) {
      await store.create(record(id));
      await store.touch(id, 'ada', NOW + 1, expiresAt);
    }
    expect(await due(NOW + 1_000)).to.equal(2);
    expect(await sweptIds(NOW + 1_000)).to.deep.equal([]);
    expect(await due(NOW + 4_999)).to.equal(0);
    expect(await due(NOW + 5_000)).to.equal(1);
    expect(await sweptIds(NOW + 5_000)).to.deep.equal(['a']);
  });

  /** Adds `count` rows that are due one after the other; those of which `isOver` holds have expired. */
  async function fill(count: number, isOver: string, first = 1): Promise<void> {
    await pool.query(`INSERT INTO "${table}" (id, lineage, version, body, created, last_access, last_update, expires_at, due_at)
      SELECT 's' || i, 'l', 0, '{}', 0, 0, 0, CASE WHEN ${isOver} THEN i ELSE ${NOW + 5_000} END, i
      FROM generate_series(${first}, ${first + count - 1}) i`);
  }

  /** Sweeps until a call returns fewer than `limit`; returns how many were removed. */
  async function sweepAll(own: PostgresStore, limit = 500): Promise<number> {
    for (let total = 0; ; ) {
      const { length } = await own.sweep(NOW, limit);
      total += length;
      if (length < limit) return total;
    }
  }

  it('asks a number of times that grows with what it removes and puts off, and with nothing else', async () => {
    const watched = new Watched(pool);
    const own = new PostgresStore({ pool: watched, table });
    await fill(6_000, 'i % 3 = 0');
    expect(await sweepAll(own)).to.equal(2_000);
    // A step takes 100 to 500 rows.
    expect(watched.queries).to.have.length.within(12, 66);
    watched.queries.length = 0;
    expect(await own.sweep(NOW, 500)).to.deep.equal([]);
    expect(watched.queries).to.have.length(1);
  });

  it('takes many rows to put off at a time, however few it may still remove', async () => {
    const watched = new Watched(pool);
    const own = new PostgresStore({ pool: watched, table });
    await fill(2_000, 'i = 2000');
    expect(await own.sweep(NOW, 1)).to.have.length(1);
    expect(watched.queries).to.have.length(20);
  });

  it('begins where the call before stopped, and returns to the beginning before it says that none are left', async () => {
    const watched = new Watched(pool);
    const own = new PostgresStore({ pool: watched, table });
    await fill(1_000, 'true', 10);
    const first = (await own.sweep(NOW, 300)).map(({ id }) => id);
    expect(first).to.have.members(Array.from({ length: 300 }, (_, index) => `s${index + 10}`));
    await fill(2, 'true', 1);
    const second = (await own.sweep(NOW, 300)).map(({ id }) => id);
    expect(second).not.to.include.members(['s1']);
    const third = (await own.sweep(NOW, 500)).map(({ id }) => id);
    expect(third).to.have.length(402).and.include.members(['s1', 's2']);
    expect(await own.sweep(NOW, 500)).to.deep.equal([]);
  });

  it('finds all that is due at one instant, with a limit of one or of many', async () => {
    for (const limit of [1, 3, 150, 500, 1_000]) {
      await pool.query(`INSERT INTO "${table}" (id, lineage, version, body, created, last_access, last_update, expires_at, due_at)
        SELECT 's' || i, 'l', 0, '{}', 0, 0, 0, CASE WHEN i % 4 > 0 THEN 7 END, 7 FROM generate_series(1, ${limit < 10 ? 120 : 1_200}) i`);
      expect(await sweepAll(store, limit)).to.equal(limit < 10 ? 90 : 900);
      expect(await store.deleteAll()).to.equal(limit < 10 ? 30 : 300);
    }
  });

  it('keeps its place when a step fails, and what was removed stays removed', async () => {
    let failures = 0;
    let steps = 0;
    const flaky: PostgresPool = {
      query: (query) => {
        steps += 1;
        if (steps % 4 > 0) return pool.query(query);
        failures += 1;
        return Promise.reject(new Error('broken'));
      },
    };
    const own = new PostgresStore({ pool: flaky, table });
    await fill(5_000, 'i % 2 = 0');
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const swept = await own.sweep(NOW, 10_000).catch(() => undefined);
      if (swept !== undefined) break;
    }
    expect(failures).to.be.within(1, 10);
    expect(await due(NOW)).to.equal(0);
  });

  it('reads dead index entries in short stretches when it returns to the beginning', async () => {
    const watched = new Watched(pool);
    const own = new PostgresStore({ pool: watched, table });
    await fill(25_000, 'true');
    expect(await sweepAll(own)).to.equal(25_000);
    const bounds = watched.queries.slice(-4).map(({ values }) => values?.slice(3));
    const [toEnd, first, second, third] = bounds;
    expect(toEnd?.[1]).to.equal(NOW);
    expect([first, second, third]).to.deep.equal([
      [0, 10_000],
      [10_000, 20_000],
      [20_000, 25_000],
    ]);
  });

  it('does so in the next call, after one that put off all that was due', async () => {
    const watched = new Watched(pool);
    const own = new PostgresStore({ pool: watched, table });
    await fill(25_000, 'false');
    expect(await own.sweep(NOW, 500)).to.deep.equal([]);
    for (const stretches of [[0, 10_000, 20_000], [0]]) {
      watched.queries.length = 0;
      expect(await own.sweep(NOW, 500)).to.deep.equal([]);
      expect(watched.queries.map(({ values }) => values?.[3])).to.deep.equal(stretches);
    }
  });

  it('by two calls of one store at once takes each row once, and all of them', async () => {
    await fill(3_000, 'i % 3 > 0');
    const counts = await Promise.all([sweepAll(store, 70), sweepAll(store, 200), sweepAll(store)]);
    expect(counts.reduce((sum, count) => sum + count)).to.equal(2_000);
  });

  for (const statistics of ['without', 'old']) {
    it(`reads no more rows than it takes from the index, ${statistics} statistics`, async () => {
      if (statistics === 'old') {
        await fill(3_000, 'false', NOW + 5_000);
        await pool.query(`ANALYZE "${table}"`);
      }
      await fill(20_000, 'true');
      const client = openPool(server, { max: 1 });
      const own = new PostgresStore({ pool: client, table });
      await client.query('BEGIN');
      expect(await own.sweep(NOW, 500)).to.have.length(500);
      const { rows } = await client.query(
        `SELECT pg_stat_get_xact_tuples_returned(oid)::int AS read FROM pg_class WHERE relname = ANY ($1)`,
        [[table, `${table}_due_at`]],
      );
      await client.query('ROLLBACK');
      for (const { read } of rows) expect(read).to.be.at.most(500);
      expect(rows).to.have.length(2);
    });
  }

  it('takes at its new end what an access ends sooner', async () => {
    const ends = [NOW + 1_000, null];
    for (const [index, expiresAt] of ends.entries()) {
      await store.create(record(`t${index}`, { expiresAt }));
      await store.touch(`t${index}`, 'ada', NOW + 1, NOW + 10);
      await store.create(record(`u${index}`, { expiresAt }));
      await store.update(record(`u${index}`, { expiresAt: NOW + 10 }));
    }
    expect(await sweptIds(NOW + 9)).to.deep.equal([]);
    expect(await sweptIds(NOW + 10)).to.deep.equal(['t0', 't1', 'u0', 'u1']);
  });

  it('takes the tombstone of a session at its own end', async () => {
    await store.create(record('a', { expiresAt: null }));
    await store.retire('a', 0, tombstone('a', NOW + 10));
    expect(await store.sweep(NOW + 9, 10)).to.deep.equal([]);
    expect(await store.sweep(NOW + 10, 10)).to.deep.equal([{ id: 'a', uid: null, retired: true }]);
  });

  it('takes what a store in memory takes, whatever was done before', async () => {
    const memory = new MemoryStore();
    const id = fc.constantFrom('a', 'b', 'c');
    const time = fc.integer({ min: 0, max: 12 });
    const end = fc.option(time);
    const version = fc.integer({ min: 0, max: 2 });
    const operation = fc.oneof(
      fc.tuple(id, end).map(([own, expiresAt]) => async (one: Store) => {
        await one.create(record(own, { lastAccess: 0, expiresAt })).catch(() => {});
      }),
      fc.tuple(id, time, end).map(
        ([own, lastAccess, expiresAt]) =>
          (one: Store) =>
            one.touch(own, null, lastAccess, expiresAt),
      ),
      fc.tuple(id, version, time, end).map(
        ([own, at, lastAccess, expiresAt]) =>
          (one: Store) =>
            one.update(record(own, { version: at, lastAccess, expiresAt })),
      ),
      fc.tuple(id, version, time).map(
        ([own, at, expiresAt]) =>
          (one: Store) =>
            one.retire(own, at, tombstone(own, expiresAt)),
      ),
      time.map((now) => async (one: Store) => [...(await one.sweep(now, 10))].sort((x, y) => (x.id < y.id ? -1 : 1))),
      fc.tuple(id, time).map(
        ([own, now]) =>
          (one: Store) =>
            one.load(own, now),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (operations) => {
        await Promise.all([memory.deleteAll(), store.deleteAll()]);
        for (const operate of operations) expect(await operate(store)).to.deep.equal(await operate(memory));
      }),
      { numRuns: 60 },
    );
  });

  it('costs an access nothing: a touch and an update that put off the end write to no index', async () => {
    const client = await pool.connect();
    const own = new PostgresStore({ pool: client, table });
    await own.create(record('a'));
    await client.query('BEGIN');
    await own.touch('a', 'ada', NOW + 1, NOW + 2_000);
    await own.update(record('a', { lastAccess: NOW + 2, expiresAt: NOW + 3_000, body: '{"x":1}' }));
    await own.touch('a', 'ada', NOW + 3, null);
    const { rows } = await client.query(
      'SELECT pg_stat_get_xact_tuples_hot_updated(oid)::int AS hot FROM pg_class WHERE relname = $1',
      [table],
    );
    await client.query('COMMIT');
    client.release();
    expect(rows).to.deep.equal([{ hot: 3 }]);
  });
});
