/**
 * `sessions-jwt/sqlite`: sessions in a SQLite file, for a database that the application has opened with `node:sqlite`, better-sqlite3 or libsql.
 *
 * @module
 */
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './database.js';
export type { Durability } from './durability.js';
export { SqliteStore, type SqliteStoreOptions } from './store.js';
