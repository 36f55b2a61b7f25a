import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type Durability,
  type SqliteDatabase,
  SqliteRevocationLog,
  SqliteStore,
} from '../../../src/drivers/sqlite/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { openDatabase, SQLITE } from '../../support/sqlite.js';
import { lineagesOf, openLog, revocation, storedIn } from './log-support.js';
import { newPath, record } from './support.js';

const HOUR = 3_600_000;
const [NORMAL, FULL] = [1, 2];

function untyped(options: unknown): unknown {
  return Reflect.construct(SqliteRevocationLog, [options]);
}

/** The setting of `synchronous` in which entries, and readers, are written. */
async function settingsOf(durability: Durability | undefined): Promise<Record<string, number>> {
  const database = openDatabase(newPath());
  const settings: Record<string, number> = {};
  const watched: SqliteDatabase = {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        all: (...values) => {
          const [row] = database.prepare('PRAGMA synchronous').all();
          const [, table = ''] = /INSERT INTO "(\w+)"/.exec(sql) ?? [];
          settings[table] = Number(Object(row).synchronous);
          return statement.all(...values);
        },
      };
    },
  };
  const log = new SqliteRevocationLog({ database: watched, ...(durability !== undefined && { durability }) });
  await log.migrate();
  await log.append(revocation('a'));
  await log.readers.seen('reader', null, HOUR);
  database.close();
  const { revocations = 0, revocations_readers: readers = 0 } = settings;
  return { revocations, readers };
}

describe('SqliteRevocationLog options', () => {
  it('are refused with a TypeError that names the one that is wrong', () => {
    const database = openDatabase(newPath());
    for (const [options, named] of [
      [undefined, 'database'],
      [{}, 'database'],
      [{ database: 'secret.sqlite' }, 'option database: a path is not a database'],
      [{ database, path: 'x' }, 'unknown option "path"'],
      [{ database, interval: 5 }, 'unknown option "interval": use pollInterval'],
      [{ database, bound: 5 }, 'unknown option "bound": set bound of RevocationList'],
      [{ database, table: 'a b' }, 'table'],
      [{ database, table: 'x'.repeat(57) }, 'table'],
      [{ database, pollInterval: 0 }, 'pollInterval'],
      [{ database, pollInterval: 5_001 }, 'pollInterval'],
      [{ database, durability: 'full' }, 'durability'],
      [{ database, deadline: 0 }, 'deadline'],
    ] as const) {
      expect(() => untyped(options), named)
        .to.throw(TypeError, named)
        .with.property('message')
        .that.matches(/^SqliteRevocationLog: (?!.*secret)/);
    }
    database.close();
  });

  it('make it wait for the disk for what they say', async () => {
    expect(await settingsOf(undefined)).to.deep.equal({ revocations: FULL, readers: NORMAL });
    expect(await settingsOf('ends')).to.deep.equal({ revocations: FULL, readers: NORMAL });
    expect(await settingsOf('power')).to.deep.equal({ revocations: FULL, readers: FULL });
    expect(await settingsOf('crash')).to.deep.equal({ revocations: NORMAL, readers: NORMAL });
  });

  it('have separate logs in tables of one file', async () => {
    const { path, log, database } = await openLog();
    const other = await openLog(path, { table: 'x'.repeat(56) });
    await log.append(revocation('a'));
    await other.log.append(revocation('b'));
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['a']);
    expect(lineagesOf(await storedIn(other.log))).to.deep.equal(['b']);
    database.close();
    other.database.close();
  });
});

describe('SqliteRevocationLog', () => {
  it('shares a connection with a store of the same durability, and of no other', async () => {
    const database = openDatabase(newPath());
    const store = new SqliteStore({ database });
    expect(() => new SqliteRevocationLog({ database, durability: 'power' })).to.throw(
      TypeError,
      "SqliteRevocationLog: option durability: another store or log on this database has 'ends'",
    );
    const log = new SqliteRevocationLog({ database });
    await store.migrate();
    await log.migrate();
    await Promise.all([
      ...['a', 'b', 'c'].map((id) => store.create(record(id))),
      ...['a', 'b', 'c'].map((lineage) => log.append(revocation(lineage))),
    ]);
    expect((await store.ofUser('ann', 0)).map(({ id }) => id)).to.have.members(['a', 'b', 'c']);
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['a', 'b', 'c']);
    await log.close();
    await store.touch('a', 'ann', 1_500, 3_000);
    database.close();
  });

  it("has guarantee 'log', and 'process' for a database in memory", async () => {
    const { log, database } = await openLog();
    expect(log.guarantee).to.equal('log');
    database.close();
    const memory = openDatabase(':memory:');
    const alone = new SqliteRevocationLog({ database: memory });
    expect(alone.guarantee).to.equal('process');
    await alone.migrate();
    await alone.append(revocation('a'));
    expect(lineagesOf(await storedIn(alone))).to.deep.equal(['a']);
    memory.close();
  });

  it('reads numbers from a database whose integers are bigints', async () => {
    const { path, log, database } = await openLog();
    const position = await log.append(revocation('a'));
    database.close();
    const other: ReturnType<typeof openDatabase> = Reflect.construct(SQLITE.Database, [path, { readBigInts: true }]);
    const defaultSafeIntegers: unknown = Reflect.get(other, 'defaultSafeIntegers');
    if (typeof defaultSafeIntegers === 'function') defaultSafeIntegers.call(other, true);
    const again = new SqliteRevocationLog({ database: other });
    const [entry] = await storedIn(again);
    expect(entry).to.have.property('seq', position);
    await again.append(revocation('b'));
    expect(lineagesOf(await storedIn(again, position))).to.deep.equal(['b']);
    await again.readers.seen('reader', null, HOUR);
    expect(await again.readers.behind(position)).to.equal(1);
    other.close();
  });

  it('says that migrate() is missing, and does nothing the second time', async () => {
    const database = openDatabase(newPath());
    const log = new SqliteRevocationLog({ database });
    const error: unknown = await log.append(revocation('a')).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(StoreUnavailable);
    expect(error).to.have.property('message').that.includes('call migrate() before the first use');
    await log.migrate();
    const position = await log.append(revocation('a'));
    await log.migrate();
    await nextTurn();
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['a']);
    expect(await storedIn(log, position)).to.deep.equal([]);
    database.close();
  });
});
