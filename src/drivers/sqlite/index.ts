/**
 * `sessions-jwt/sqlite`: a store and a revocation log in a SQLite file, which the application opens with `node:sqlite`, better-sqlite3 or libsql.
 *
 * @module
 */
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './database.js';
export type { Durability } from './durability.js';
export type { SqliteStoreOptions } from './options.js';
export type { SqliteRevocationLogOptions } from './revocation-log/options.js';
export { SqliteRevocationLog } from './revocation-log.js';
export { SqliteStore } from './store.js';
