import { expect } from 'chai';
import type { Durability, SqliteDatabase } from '../../../src/drivers/sqlite/index.js';
import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import type { Store } from '../../../src/index.js';
import { openDatabase } from '../../support/sqlite.js';
import { newPath, record } from './support.js';

const NORMAL = 1;
const FULL = 2;

/** Each operation, and the setting of `synchronous` with which its statement was run. */
async function settingsOf(durability: Durability | undefined): Promise<Record<string, number>> {
  const database = openDatabase(newPath());
  let setting = 0;
  const watched: SqliteDatabase = {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      const look = (): void => {
        const [row] = database.prepare('PRAGMA synchronous').all();
        setting = Number(Object(row).synchronous);
      };
      return {
        all: (...values) => {
          look();
          return statement.all(...values);
        },
      };
    },
  };
  const store = new SqliteStore({ database: watched, ...(durability !== undefined && { durability }) });
  await store.migrate();
  const tombstone = { id: 'a', retired: { successor: null, at: 1 }, expiresAt: 2_000 };
  const works: readonly [string, (store: Store) => Promise<unknown>][] = [
    ['create', (one) => one.create(record('a'))],
    ['update', (one) => one.update(record('a'))],
    ['touch', (one) => one.touch('a', 'ann', 1_500, 3_000)],
    ['retire', (one) => one.retire('a', 1, tombstone)],
    ['delete', (one) => one.delete('a')],
    ['deleteOfUser', (one) => one.deleteOfUser('ann')],
    ['deleteAll', async (one) => await one.deleteAll?.()],
    ['create again', (one) => one.create(record('b'))],
  ];
  const settings: Record<string, number> = {};
  for (const [what, work] of works) {
    await work(store);
    settings[what] = setting;
  }
  database.close();
  return settings;
}

describe('SqliteStore option durability', () => {
  it('waits for the disk at the end of sessions by default, and at nothing else', async () => {
    for (const durability of [undefined, 'ends'] as const) {
      expect(await settingsOf(durability)).to.deep.equal({
        create: NORMAL,
        update: NORMAL,
        touch: NORMAL,
        retire: FULL,
        delete: FULL,
        deleteOfUser: FULL,
        deleteAll: FULL,
        'create again': NORMAL,
      });
    }
  });

  it("waits at every write with 'power', and at none with 'crash'", async () => {
    expect(new Set(Object.values(await settingsOf('power')))).to.deep.equal(new Set([FULL]));
    expect(new Set(Object.values(await settingsOf('crash')))).to.deep.equal(new Set([NORMAL]));
  });

  it('is as before after an end that failed', async () => {
    const database = openDatabase(newPath());
    const store = new SqliteStore({ database });
    await store.migrate();
    database.exec('PRAGMA query_only = 1');
    await store.delete('a').catch(() => undefined);
    const [row] = database.prepare('PRAGMA synchronous').all();
    expect(Object(row).synchronous).to.equal(NORMAL);
    database.close();
  });

  it('is the same for all stores on one connection, because the setting is the connection’s', () => {
    const database = openDatabase(newPath());
    const store = (durability?: 'ends' | 'power') => new SqliteStore({ database, durability, table: 't' });
    store('power');
    store('power');
    expect(() => store('ends')).to.throw(
      TypeError,
      "option durability: another store or log on this database has 'power'",
    );
    expect(() => store()).to.throw(TypeError, 'open the file once more');
    database.close();
  });
});
