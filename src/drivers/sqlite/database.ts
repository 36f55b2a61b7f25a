import { StoreUnavailable } from '../../errors.js';
import type { Row } from '../shared/rows.js';

/** What a parameter can be. */
export type SqliteValue = string | number | null | Uint8Array;

/** What is used of a prepared statement. Parameters are positional. */
export interface SqliteStatement {
  /** Runs it, and returns all its rows. */
  all(...values: SqliteValue[]): unknown[];
}

/**
 * What is used of a database: a `DatabaseSync` of `node:sqlite`, or a `Database` of better-sqlite3 or libsql, is one. All of them are
 * synchronous.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** Of better-sqlite3 and libsql: false once it is closed; of `node:sqlite` a method. */
  readonly open?: unknown;
  /** Of `node:sqlite`: whether a transaction of the application's is open. */
  readonly isTransaction?: boolean;
  /** The same of better-sqlite3 and libsql. */
  readonly inTransaction?: boolean;
}

/** The message for a database that the application closed too early. */
export const CLOSED = 'the SQLite database is closed: close it after the store was last used';

/** libsql aborts the process when a closed database is used. @throws StoreUnavailable for a database that is known to be closed */
export function checkOpen(database: SqliteDatabase): void {
  if (database.open === false) throw new StoreUnavailable(CLOSED);
}

/** The rows that a statement returns. */
export function rowsOf(statement: SqliteStatement, ...values: SqliteValue[]): readonly Row[] {
  return statement.all(...values).filter(isRow);
}

/** How many rows a statement with RETURNING changed. Unlike a count of changes, a row that was returned was written. */
export function changesOf(statement: SqliteStatement, ...values: SqliteValue[]): number {
  return statement.all(...values).length;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
