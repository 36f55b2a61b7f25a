import { join } from 'node:path';
import { expect } from 'chai';
import libsql from 'libsql';
import { openSqliteFile } from '../../src/cli/sqlite-file.js';
import { errorOf } from '../support/outcomes.js';
import { temporaryFolder } from '../support/servers/program.js';

/** A Node without SQLite. */
const none = (): undefined => undefined;

/** Packages that are installed, by name; records what was asked for. */
function packages(installed: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const load = async (name: string): Promise<unknown> => {
    asked.push(name);
    if (name in installed) return { default: installed[name] };
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  };
  return { asked, load };
}

describe('The SQLite of sessions-jwt sweep', () => {
  const path = join(temporaryFolder(), 'sessions.sqlite');

  it("is Node's own where there is one, and then no package is asked for", async () => {
    const { asked, load } = packages({ libsql });
    class DatabaseSync extends libsql {}
    const database = await openSqliteFile(path, () => ({ DatabaseSync }), load);
    expect(database).to.be.instanceOf(DatabaseSync);
    database.close();
    expect(asked).to.deep.equal([]);
  });

  it('is libsql, or else better-sqlite3, of the application', async () => {
    for (const name of ['libsql', 'better-sqlite3']) {
      class Database extends libsql {}
      const { asked, load } = packages({ [name]: Database });
      const database = await openSqliteFile(path, none, load);
      expect(database).to.be.instanceOf(Database);
      database.close();
      expect(asked.at(-1)).to.equal(name);
    }
  });

  it('is really there', async () => {
    for (const database of [await openSqliteFile(path), await openSqliteFile(path, none)]) database.close();
  });

  it('says what to install when there is none', async () => {
    const failure = await errorOf(() => openSqliteFile(path, none, packages({}).load));
    expect(String(failure)).to.match(/has no node:sqlite, and neither libsql nor better-sqlite3 is installed/);
  });

  it('passes on what else fails, and refuses a library of another kind', async () => {
    const broken = new Error('the binding does not fit this Node');
    expect(await errorOf(() => openSqliteFile(path, none, () => Promise.reject(broken)))).to.equal(broken);
    for (const other of [undefined, 'sqlite', class {}]) {
      const failure = await errorOf(() => openSqliteFile(path, none, packages({ libsql: other }).load));
      expect(String(failure)).to.include('SqliteStore cannot use the SQLite library');
    }
  });
});
