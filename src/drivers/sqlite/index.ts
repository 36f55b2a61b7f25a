/**
 * `sessions-jwt/sqlite`: sessions in a SQLite file, for a database that the application has opened with `node:sqlite`, better-sqlite3 or libsql.
 *
 * @module
 */
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './database.js';
export type { Durability } from './durability.js';
export type { SqliteStoreOptions } from './options.js';
export { SqliteStore } from './store.js';
