import { FieldsRule } from '../../lib/rules/fields.js';
import { oneOf, text } from '../../lib/rules/kinds.js';
import type { Rule } from '../../lib/rules/rule.js';
import { type Cures, hasMethods, strictOptions } from '../../lib/strict-options.js';
import { clientOption, deadlineOption, type Given } from '../shared/options.js';
import type { SqliteDatabase } from './database.js';
import type { Durability } from './durability.js';
import { isTableName } from './table-name.js';

/** Where a {@link SqliteStore} keeps sessions. */
export interface SqliteStoreOptions {
  /**
   * An open database of `node:sqlite`, better-sqlite3 or libsql. The store never closes it. Give the store a connection of its own: the
   * store changes its `busy_timeout` and `synchronous` settings, and waits while the application has a transaction open on it.
   *
   * The file must be on a local disk. All processes of the machine that open the file share its sessions.
   */
  readonly database: SqliteDatabase;
  /** The name of the table: letters, digits and `_`, at most 56. Default 'sessions'. */
  readonly table?: string | undefined;
  /**
   * Which writes survive a power loss or a crash of the operating system. Every acknowledged write survives a crash of the process.
   * - 'ends' (default): the end of a session (sign-out, revocation, rotation). An ended session never comes back; recent changes may be lost.
   * - 'power': every write. Each write waits for the disk.
   * - 'crash': only what the operating system had written to disk. An ended session may come back.
   */
  readonly durability?: Durability | undefined;
  /** ms for which an operation is retried while other connections keep the database busy. Then it rejects with StoreUnavailable. Default 2,000. */
  readonly deadline?: number | undefined;
}

const LIBRARIES = 'node:sqlite, better-sqlite3 or libsql';

/** Rules that the options of the store and the log have in common. */
export const databaseOption: Rule<SqliteDatabase> = clientOption<SqliteDatabase>(
  problemOf,
  `an open database of ${LIBRARIES}`,
  'a path is not a database: open the file first, new DatabaseSync(path) of node:sqlite',
);
export const durabilityOption: Rule<Durability> = oneOf(['crash', 'ends', 'power']).default('ends');
export const tableName: Rule<string> = text().check(isTableName, 'must be at most 56 letters, digits and _');

const OPTIONS = new FieldsRule({
  database: databaseOption,
  table: tableName.default('sessions'),
  durability: durabilityOption,
  deadline: deadlineOption,
});

/** For names that others have. */
export const DATABASE_CURES: Cures = {
  client: 'pass the open database as the option database',
  db: 'pass the open database as the option database',
  path: 'open the file and pass the database, { database: new DatabaseSync(path) }',
  filename: 'open the file and pass the database, { database: new DatabaseSync(path) }',
  tableName: 'use table',
};

/** For names that other stores have. */
const CURES: Cures = {
  ...DATABASE_CURES,
  ttl: 'set idleTimeout and absoluteTimeout of ServerSessionStorage',
};

/** @throws TypeError naming the option that is wrong */
export function readSqliteStoreOptions(options: unknown): Given<SqliteStoreOptions> {
  return strictOptions('SqliteStore', OPTIONS, options, CURES);
}

/** Databases of the packages sqlite3 and sqlite have methods of these names too, which take a callback or return a Promise. */
function problemOf(database: unknown): boolean | string {
  if (!hasMethods(database, 'exec', 'prepare')) return false;
  if (!hasMethods(database, 'parallelize') && !hasMethods(database, 'getDatabaseInstance')) return true;
  return `this database is asynchronous: open the file with ${LIBRARIES}`;
}
