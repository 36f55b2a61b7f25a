import { expect } from 'chai';
import type pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, tombstone, untilBlocked } from './support.js';

/** What another process does to the session 'a' in a transaction that is under way. */
type Meanwhile = (other: PostgresStore) => Promise<unknown>;

const UPDATED: Meanwhile = (other) => other.update(record('a', { body: '1' }));
const TOUCHED: Meanwhile = (other) => other.touch('a', 'ada', NOW + 5, NOW + 5_000);
const RETIRED: Meanwhile = (other) => other.retire('a', 0, tombstone('a'));
const DELETED: Meanwhile = (other) => other.delete('a');
const SWEPT: Meanwhile = (other) => other.sweep(NOW + 1_000, 10);
const REPLACED: Meanwhile = async (other) => {
  await other.delete('a');
  await other.create(record('a', { version: 7 }));
};

describe('PostgresStore: a session that another transaction has locked', () => {
  let pool: pg.Pool;
  let client: pg.PoolClient;
  let store: PostgresStore;
  let other: PostgresStore;

  beforeEach(async function () {
    pool = openPool(await postgres(this));
    const table = newTable();
    store = await newStore(pool, table);
    client = await pool.connect();
    other = new PostgresStore({ pool: client, table });
    await store.create(record('a'));
  });

  afterEach(async () => {
    client.release();
    await closePools();
  });

  /** What `operate` comes to when it began before the end of a transaction that does `meanwhile`. */
  async function during<Result>(
    meanwhile: Meanwhile,
    operate: () => Promise<Result>,
    end: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
  ): Promise<Result> {
    await client.query('BEGIN');
    await meanwhile(other);
    let isSettled = false;
    const operating = operate().finally(() => {
      isSettled = true;
    });
    await untilBlocked(pool);
    expect(isSettled).to.equal(false);
    await client.query(end);
    return operating;
  }

  const update = () => store.update(record('a', { body: '2' }));
  const touch = () => store.touch('a', 'ada', NOW + 1, NOW + 9_000);
  const retire = () => store.retire('a', 0, tombstone('a', NOW + 500));

  const outcomes: readonly [string, Meanwhile, string, string, boolean][] = [
    ['updated', UPDATED, 'conflict', 'conflict', true],
    ['touched', TOUCHED, 'ok', 'ok', true],
    ['retired', RETIRED, 'gone', 'gone', false],
    ['deleted', DELETED, 'gone', 'gone', false],
    ['swept', SWEPT, 'gone', 'gone', false],
    ['replaced by another version', REPLACED, 'conflict', 'conflict', true],
  ];
  for (const [what, meanwhile, updated, retired, touched] of outcomes) {
    it(`is found ${what} by an update`, async () => {
      expect(await during(meanwhile, update)).to.equal(updated);
    });

    it(`is found ${what} by a retirement`, async () => {
      expect(await during(meanwhile, retire)).to.equal(retired);
    });

    it(`is found ${what} by a touch`, async () => {
      expect(await during(meanwhile, touch)).to.equal(touched);
    });

    it(`is as it was when being ${what} is undone`, async () => {
      expect(await during(meanwhile, update, 'ROLLBACK')).to.equal('ok');
      expect(await store.load('a', NOW)).to.deep.equal(record('a', { body: '2', version: 1 }));
    });
  }

  for (const [what, meanwhile, outcome] of [
    ['updated', UPDATED, 'ok'],
    ['touched', TOUCHED, 'ok'],
    ['replaced by another version', REPLACED, 'ok'],
    ['retired', RETIRED, 'gone'],
    ['deleted', DELETED, 'gone'],
  ] as const) {
    it(`is ${outcome} for a retirement of any version when it is ${what}`, async () => {
      const end = tombstone('a', NOW + 500);
      expect(await during(meanwhile, () => store.retire('a', null, end))).to.equal(outcome);
      if (outcome === 'ok') expect(await store.load('a', NOW)).to.deep.equal(end);
    });
  }

  it('has both of what a touch and an update wrote', async () => {
    await during(TOUCHED, update);
    const both = record('a', { body: '2', version: 1, lastAccess: NOW + 5, expiresAt: NOW + 5_000 });
    expect(await store.load('a', NOW)).to.deep.equal(both);
  });

  it('is not given out again while its deletion is under way, and is after it', async () => {
    const again = record('a', { body: '3' });
    await during(DELETED, () => store.create(again));
    expect(await store.load('a', NOW)).to.deep.equal(again);
  });

  it('is removed by delete whatever was done to it', async () => {
    expect(await during(UPDATED, () => store.delete('a'))).to.equal(true);
    expect(await store.load('a', NOW)).to.equal(undefined);
    await store.create(record('a'));
    expect(await during(RETIRED, () => store.delete('a'))).to.equal(false);
    expect(await store.load('a', NOW)).to.equal(undefined);
  });

  it('is read without waiting, as it was', async () => {
    await client.query('BEGIN');
    await UPDATED(other);
    expect(await store.load('a', NOW)).to.deep.equal(record('a'));
    expect(await store.ofUser('ada', NOW)).to.deep.equal([record('a')]);
    await client.query('ROLLBACK');
  });
});
