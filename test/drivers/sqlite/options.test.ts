import { expect } from 'chai';
import sinon from 'sinon';
import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import { checkFileSystem } from '../../../src/drivers/sqlite/location.js';
import { errorOf } from '../../support/outcomes.js';
import { openDatabase, SQLITE } from '../../support/sqlite.js';
import { newPath, openStore, record } from './support.js';

function untyped(options: unknown): unknown {
  return Reflect.construct(SqliteStore, [options]);
}

describe('SqliteStore options', () => {
  it('are refused with a TypeError that names the one that is wrong (row 29)', () => {
    const database = openDatabase(newPath());
    for (const [options, named] of [
      [undefined, 'database'],
      [{}, 'database'],
      [{ database: 'sessions.sqlite' }, 'database'],
      [{ database: { exec: () => undefined } }, 'database'],
      [{ database, path: 'x' }, 'path'],
      [{ database, table: '' }, 'table'],
      [{ database, table: 'a b' }, 'table'],
      [{ database, table: 'a"; DROP TABLE b; --' }, 'table'],
      [{ database, table: 'sqlite_x' }, 'table'],
      [{ database, table: 'x'.repeat(57) }, 'table'],
      [{ database, durability: 'full' }, 'durability'],
      [{ database, deadline: 0 }, 'deadline'],
      [{ database, deadline: Number.NaN }, 'deadline'],
      [{ database, deadline: 2 ** 31 }, 'deadline'],
    ] as const) {
      expect(() => untyped(options), JSON.stringify(named)).to.throw(TypeError, named);
    }
    database.close();
  });

  it('name the cure for what is often passed instead of a database', () => {
    const database = openDatabase(newPath());
    const methods = { exec: () => undefined, prepare: () => undefined };
    for (const [options, message] of [
      [database, /expected an object of options, got an instance of \w+: pass it as an option, { database }$/],
      [
        { database: 'secret.sqlite' },
        /option database: a path is not a database: open the file first, new DatabaseSync/,
      ],
      [{ database: Promise.resolve(database) }, /option database: this is a Promise: await it first$/],
      [{ database: { ...methods, parallelize: () => undefined } }, /this database is asynchronous: open the file with/],
      [{ database: { ...methods, getDatabaseInstance: () => undefined } }, /this database is asynchronous/],
      [{ database: {} }, /expected an open database of node:sqlite, better-sqlite3 or libsql, got an object$/],
      [{ path: 'secret.sqlite' }, /unknown option "path": open the file and pass the database/],
      [{ database, tableName: 'a' }, /unknown option "tableName": use table$/],
    ] as const) {
      expect(() => untyped(options), String(message))
        .to.throw(TypeError, message)
        .with.property('message')
        .that.matches(/^SqliteStore: (?!.*secret)/);
    }
    database.close();
  });

  it('keep tables of one file apart', async () => {
    const { path, store, database } = await openStore();
    const other = await openStore(path, { table: 'Other_1' });
    await store.create(record('a', { body: '"one"' }));
    await other.store.create(record('a', { body: '"other"' }));
    await store.deleteAll();
    expect(await other.store.load('a', 0)).to.include({ body: '"other"' });
    other.database.close();
    database.close();
  });

  it('say that a database in memory is this process’s alone', async () => {
    const database = openDatabase(':memory:');
    const store = new SqliteStore({ database });
    await store.migrate();
    await store.create(record('a'));
    expect(store.reach).to.equal('process');
    expect(await store.load('a', 0)).to.deep.equal(record('a'));
    database.close();
    const { store: shared, database: file } = await openStore();
    expect(shared.reach).to.equal('instances');
    file.close();
  });
});

describe('SqliteStore on a database whose rows are arrays', () => {
  it('is refused with a TypeError, because it would find nothing', () => {
    const real = openDatabase(newPath());
    const database = {
      exec: (sql: string) => real.exec(sql),
      prepare: (sql: string) => ({
        all: () =>
          real
            .prepare(sql)
            .all()
            .map((row) => Object.values(Object(row))),
      }),
    };
    expect(() => new SqliteStore({ database })).to.throw(TypeError, 'returnArrays');
    real.close();
  });
});

describe('The file system of a SQLite file', () => {
  it('is refused with a TypeError where it is on the network', () => {
    for (const type of [0x6969, 0xff534d42, 0x517b, 0xfe534d42, 0x5346414f, 0x00c36400]) {
      expect(() => checkFileSystem('/somewhere/x.sqlite', 'SqliteStore', () => type)).to.throw(TypeError, 'database');
    }
  });

  it('is warned of where its files may be anywhere, with a code', () => {
    const emitWarning = sinon.stub(process, 'emitWarning');
    try {
      checkFileSystem('/somewhere/x.sqlite', 'SqliteStore', () => 0x65735546);
      expect(emitWarning.callCount).to.equal(1);
      expect(emitWarning.firstCall.args[1]).to.have.property('code', 'SESSIONS_SQLITE_FILE_SYSTEM');
      checkFileSystem('/somewhere/x.sqlite', 'SqliteStore', () => 0xef53);
      checkFileSystem('', 'SqliteStore', () => 0x6969);
      expect(emitWarning.callCount).to.equal(1);
    } finally {
      emitWarning.restore();
    }
  });
});

describe('SqliteStore on a database whose integers are read as bigints', () => {
  it('gives numbers all the same', async () => {
    const { store, database, path } = await openStore();
    await store.create(record('a'));
    await store.retire('a', 0, { id: 'a', retired: { successor: 'b', at: 5 }, expiresAt: 2_000 });
    await store.create(record('c', { expiresAt: null }));
    database.close();
    const other: ReturnType<typeof openDatabase> = Reflect.construct(SQLITE.Database, [path, { readBigInts: true }]);
    const defaultSafeIntegers: unknown = Reflect.get(other, 'defaultSafeIntegers');
    if (typeof defaultSafeIntegers === 'function') defaultSafeIntegers.call(other, true);
    const [row] = other.prepare('SELECT created FROM sessions').all();
    expect(Object(row).created).to.be.a('bigint');
    const again = new SqliteStore({ database: other });
    expect(await again.load('c', 0)).to.deep.equal(record('c', { expiresAt: null }));
    expect(await again.load('a', 0)).to.deep.equal({ id: 'a', retired: { successor: 'b', at: 5 }, expiresAt: 2_000 });
    expect(await again.update(record('c'))).to.equal('ok');
    other.close();
  });
});

describe('SqliteStore.migrate', () => {
  it('does nothing the second time, and leaves a newer database alone', async () => {
    const { store, database } = await openStore();
    await store.create(record('a'));
    await store.migrate();
    database.exec('INSERT INTO sessions_schema (version) VALUES (99)');
    await store.migrate();
    expect(await store.load('a', 0)).to.deep.equal(record('a'));
    database.close();
  });

  it('is all or nothing: where a table of that name is there already, nothing is left of it', async () => {
    const database = openDatabase(newPath());
    database.exec('CREATE TABLE sessions (mine TEXT)');
    const store = new SqliteStore({ database });
    expect(await errorOf(() => store.migrate()))
      .to.have.property('message')
      .that.includes('SQLITE_ERROR');
    expect(database.prepare(`SELECT name FROM sqlite_master WHERE name LIKE 'sessions%'`).all()).to.have.lengthOf(1);
    database.close();
  });
});
