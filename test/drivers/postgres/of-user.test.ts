import { expect } from 'chai';
import type pg from 'pg';
import { type PostgresPool, PostgresStore } from '../../../src/drivers/postgres/index.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, tombstone } from './support.js';

describe('PostgresStore: ofUser', () => {
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

  /** Adds sessions `<prefix>1001`, ... of ada, each `lineage` an SQL expression of the number `i`. */
  async function fill(count: number, prefix = 's', lineage = `'${prefix}' || i`, uid = 'ada'): Promise<void> {
    await pool.query(
      `INSERT INTO "${table}" (id, lineage, version, uid, body, created, last_access, last_update)
       SELECT '${prefix}' || i, ${lineage}, 0, $1, '{}', 0, 0, 0 FROM generate_series(1001, 1000 + ${count}) i`,
      [uid],
    );
  }

  /** A store that does `meanwhile` after each page. */
  function pausing(meanwhile: (page: number) => Promise<unknown>): PostgresStore {
    let pages = 0;
    const between: PostgresPool = {
      query: async (query) => {
        const result = await pool.query(query);
        pages += 1;
        await meanwhile(pages);
        return result;
      },
    };
    return new PostgresStore({ pool: between, table, deadline: 10_000 });
  }

  it('finds each session once, whatever the number of pages', async () => {
    for (const count of [199, 1, 1, 799, 1_000]) {
      await fill(count, `t${count}-${(await store.ofUser('ada', NOW)).length}-`);
      const { rows } = await pool.query(`SELECT id FROM "${table}" ORDER BY id`);
      const found = (await store.ofUser('ada', NOW)).map(({ id }) => id).sort();
      expect(found).to.deep.equal(rows.map(({ id }) => id).sort());
    }
  });

  it('finds all records of a lineage that is larger than a page', async () => {
    await fill(600, 'a', "'same'");
    await fill(300, 'z');
    expect(new Set((await store.ofUser('ada', NOW)).map(({ id }) => id)).size).to.equal(900);
    expect(await store.ofUser('ada', NOW, 'same')).to.have.length(600);
  });

  it('misses no session that is rotated between two pages', async () => {
    await fill(1_200);
    const ids = new Map(Array.from({ length: 1_200 }, (_, at) => [`s${1_001 + at}`, `s${1_001 + at}`]));
    const rotating = pausing(async (page) => {
      // New ids sort before the old ones, and after them.
      for (const [lineage, id] of [...ids].filter((_, at) => at % 40 === page)) {
        const next = `${page % 2 === 0 ? 'a' : 'z'}${page}-${lineage}`;
        await store.create(record(next, { lineage, expiresAt: null }));
        await store.retire(id, null, tombstone(id));
        ids.set(lineage, next);
      }
    });
    const lineages = new Set((await rotating.ofUser('ada', NOW)).map(({ lineage }) => lineage));
    expect([...lineages].sort()).to.deep.equal([...ids.keys()].sort());
  });

  it('gives each page a deadline of its own', async () => {
    await fill(1_200);
    const slow: PostgresPool = {
      query: async (query) => {
        const result = await pool.query(query);
        await pool.query('SELECT pg_sleep(0.15)');
        return result;
      },
    };
    const own = new PostgresStore({ pool: slow, table, deadline: 700 });
    expect(await own.ofUser('ada', NOW)).to.have.length(1_200);
  });

  it('reads only what it returns, of one lineage and of each page, with old statistics and none', async () => {
    for (const statistics of ['none', 'old']) {
      if (statistics === 'old') {
        for (let user = 0; user < 40; user += 1) await fill(60, `u${user}-`, undefined, `u${user}`);
        await pool.query(`ANALYZE "${table}"`);
      }
      await fill(4_000, statistics, undefined, statistics);
      const client = openPool(server, { max: 1 });
      const own = new PostgresStore({ pool: client, table });
      await client.query('BEGIN');
      expect(await own.ofUser(statistics, NOW, `${statistics}1500`)).to.have.length(1);
      const read = async (): Promise<number> => {
        const { rows } = await client.query(
          'SELECT sum(pg_stat_get_xact_tuples_returned(oid))::int AS read FROM pg_class WHERE relname = ANY ($1)',
          [[table, `${table}_user`]],
        );
        return rows[0]?.read;
      };
      expect(await read()).to.be.at.most(1);
      expect(await own.ofUser(statistics, NOW)).to.have.length(4_000);
      // One row more than a page at each: to see that its lineage is complete.
      expect(await read()).to.be.within(4_000, 4_100);
      await client.query('ROLLBACK');
    }
  });
});
