import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SqliteDatabase } from '../../src/drivers/sqlite/index.js';

/** A database that tests opened, with the way to close it. */
export interface OpenDatabase extends SqliteDatabase {
  close(): unknown;
}

type DatabaseClass = new (path: string) => OpenDatabase;

/** A library that opens SQLite files. */
export interface SqliteLibrary {
  readonly name: string;
  readonly Database: DatabaseClass;
}

const require = createRequire(import.meta.url);

function fromNode(): SqliteLibrary | undefined {
  try {
    const { DatabaseSync }: { DatabaseSync: DatabaseClass } = require('node:sqlite');
    return { name: 'node:sqlite', Database: DatabaseSync };
  } catch {
    return undefined;
  }
}

function betterSqlite3(): SqliteLibrary | undefined {
  const folder = process.env['SESSIONS_BETTER_SQLITE3'];
  if (folder === undefined) return undefined;
  const Database: DatabaseClass = createRequire(join(folder, 'package.json'))('better-sqlite3');
  return { name: 'better-sqlite3', Database };
}

const libsql: SqliteLibrary = { name: 'libsql', Database: require('libsql') };

/** Node's own where there is one (Node 22.13 and newer), else libsql. */
export const SQLITE: SqliteLibrary = fromNode() ?? libsql;

/** Every library that is here; better-sqlite3 where `SESSIONS_BETTER_SQLITE3` names a folder that has it installed. */
export const SQLITE_LIBRARIES: readonly SqliteLibrary[] = [fromNode(), libsql, betterSqlite3()].filter(
  (library) => library !== undefined,
);

export function openDatabase(path: string, { Database }: SqliteLibrary = SQLITE): OpenDatabase {
  return new Database(path);
}
