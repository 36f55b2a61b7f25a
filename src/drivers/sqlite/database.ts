import { StoreUnavailable } from '../../errors.js';
import type { Row } from '../shared/rows.js';

/** The value of a parameter. */
export type SqliteValue = string | number | null | Uint8Array;

/** The part of a prepared statement that the store and the log use. Parameters are positional. */
export interface SqliteStatement {
  /** Runs the statement and returns all rows. They pass {@link SqliteValue}s. `unknown`, because types of better-sqlite3 say `{}`. */
  all(...values: unknown[]): unknown[];
}

/**
 * The part of a database that the store and the log use: of a `DatabaseSync` of `node:sqlite`, or a `Database` of better-sqlite3 or libsql. All are
 * synchronous.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** In better-sqlite3 and libsql, false when the database is closed; in `node:sqlite`, a method. */
  readonly open?: unknown;
  /** In `node:sqlite`: whether a transaction is open. */
  readonly isTransaction?: boolean;
  /** In better-sqlite3 and libsql: whether a transaction is open. */
  readonly inTransaction?: boolean;
}

/** The message for a database that the application closed too early. */
export const CLOSED = 'the SQLite database is closed: close it after its last use';

/** libsql aborts the process when a closed database is used. @throws StoreUnavailable for a database that is known to be closed */
export function checkOpen(database: SqliteDatabase): void {
  if (database.open === false) throw new StoreUnavailable(CLOSED);
}

/** The rows that a statement returns. */
export function rowsOf(statement: SqliteStatement, ...values: SqliteValue[]): readonly Row[] {
  return statement.all(...values).filter(isRow);
}

/** The number of rows that a statement with RETURNING changed. Every returned row was written. */
export function changesOf(statement: SqliteStatement, ...values: SqliteValue[]): number {
  return statement.all(...values).length;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
