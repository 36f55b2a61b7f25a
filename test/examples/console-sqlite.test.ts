import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import libsql from 'libsql';
import { findSqlite, remarkOnOldFolder } from '../../examples/console/sqlite.js';
import { errorOf } from '../support/outcomes.js';

/** A Node without SQLite. */
const none = (): undefined => undefined;

describe('examples/console: the SQLite file', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("is opened with Node's own SQLite where there is one", async () => {
    const imported: string[] = [];
    const open = await findSqlite(
      () => ({ DatabaseSync: libsql }),
      async () => {
        imported.push('libsql');
        return { default: undefined };
      },
    );
    const database = open(join(folder, 'own'));
    expect(database).to.be.instanceOf(libsql);
    database.close();
    expect(imported).to.deep.equal([]);
  });

  it('is opened with libsql on a Node without SQLite', async () => {
    const open = await findSqlite(none);
    const database = open(join(folder, 'own'));
    expect(database).to.be.instanceOf(libsql);
    database.close();
  });

  it('says what to do when there is neither', async () => {
    for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']) {
      const failure = await errorOf(() =>
        findSqlite(none, () => Promise.reject(Object.assign(new Error('not found'), { code }))),
      );
      expect(String(failure)).to.match(/has no node:sqlite, and .*\nUse Node 22\.13 or newer, or run: npm ci$/);
    }
    const other = new Error('out of memory');
    expect(await errorOf(() => findSqlite(none, () => Promise.reject(other)))).to.equal(other);
  });

  it('refuses a library of another kind', async () => {
    for (const DatabaseSync of [undefined, 'sqlite', class {}]) {
      const open = await findSqlite(() => ({ DatabaseSync }));
      expect(() => open(join(folder, 'own'))).to.throw(Error, 'SqliteStore cannot use this SQLite library');
    }
  });

  it('can be read by its owner only, with the files that SQLite puts beside it', async () => {
    const open = await findSqlite();
    const database = open(join(folder, 'own'));
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
    const files = readdirSync(folder);
    expect(files).to.include('own-wal');
    for (const file of files) {
      if (process.platform !== 'win32') expect(statSync(join(folder, file)).mode & 0o777, file).to.equal(0o600);
    }
    database.close();
  });

  it('says that a folder of LMDB beside it is unused, and leaves it alone', () => {
    const file = join(folder, '.sessions.sqlite');
    expect(remarkOnOldFolder(file)).to.equal(undefined);
    mkdirSync(join(folder, '.sessions'));
    expect(remarkOnOldFolder(file), 'a folder of something else').to.equal(undefined);
    writeFileSync(join(folder, '.sessions', 'data.mdb'), '');
    expect(remarkOnOldFolder(file)).to.include(join(folder, '.sessions')).and.include('You can delete it');
    expect(existsSync(join(folder, '.sessions', 'data.mdb'))).to.equal(true);
  });
});
