import { expect } from 'chai';
import type pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import { postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, tombstone, untilBlocked } from './support.js';

describe('PostgresStore: deleteAll', () => {
  let pool: pg.Pool;
  let client: pg.PoolClient;
  let table: string;
  let store: PostgresStore;
  /** Another process, in a transaction of its own. */
  let other: PostgresStore;

  beforeEach(async function () {
    pool = openPool(await postgres(this));
    table = newTable();
    store = await newStore(pool, table);
    client = await pool.connect();
    other = new PostgresStore({ pool: client, table });
  });

  afterEach(async () => {
    await client.query('ROLLBACK');
    client.release();
    await closePools();
  });

  it('counts sessions, expired ones too, and no tombstones', async () => {
    await store.create(record('a'));
    await store.create(record('b', { expiresAt: 1 }));
    await store.create(record('c'));
    await store.retire('c', 0, tombstone('c'));
    expect(await store.deleteAll()).to.equal(2);
    expect(await store.deleteAll()).to.equal(0);
    for (const id of ['a', 'b', 'c']) await store.create(record(id));
  });

  it('waits for a session that is being created, and removes it', async () => {
    await client.query('BEGIN');
    await other.create(record('new'));
    const removing = store.deleteAll();
    await untilBlocked(pool);
    await client.query('COMMIT');
    expect(await removing).to.equal(1);
    expect(await store.load('new', NOW)).to.equal(undefined);
  });

  it('leaves nothing of a rotation that is half done when it comes', async () => {
    await store.create(record('old'));
    await client.query('BEGIN');
    await other.create(record('new'));
    const removing = store.deleteAll();
    await untilBlocked(pool);
    const retiring = store.retire('old', 0, tombstone('old'));
    await untilBlocked(pool, 2);
    await client.query('COMMIT');
    expect(await removing).to.equal(2);
    expect(await retiring).to.equal('gone');
    expect(await store.ofUser('ada', NOW)).to.deep.equal([]);
  });

  it('lets sessions be read meanwhile', async () => {
    await store.create(record('a'));
    await client.query('BEGIN');
    expect(await other.deleteAll()).to.equal(1);
    expect(await store.load('a', NOW)).to.deep.equal(record('a'));
    expect(await store.ofUser('ada', NOW)).to.deep.equal([record('a')]);
  });

  it('keeps nobody waiting when it cannot be done within the deadline, and changes nothing', async () => {
    await store.create(record('a'));
    await client.query('BEGIN');
    await other.touch('a', 'ada', NOW + 1, null);
    const hasty = new PostgresStore({ pool, table, deadline: 100 });
    const error = await hasty.deleteAll().catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(StoreUnavailable);
    // Behind the lock that it gave up, this would wait as long as the transaction takes.
    await store.create(record('b'));
    expect(await store.load('a', NOW)).to.deep.equal(record('a'));
  });
});
