/**
 * `sessions-jwt/postgres`: a store in a PostgreSQL table, through the application's `pg` Pool or Client.
 *
 * @module
 */

export type { PostgresStoreOptions } from './options.js';
export type { PostgresPool, PostgresQuery, PostgresResult } from './pool.js';
export { PostgresStore } from './store.js';
