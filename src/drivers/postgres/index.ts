/**
 * `sessions-jwt/postgres`: a store, a revocation log and a bus in PostgreSQL tables, through the application's `pg` Pool.
 *
 * @module
 */

export type { PostgresBusOptions } from './bus/options.js';
export type { PostgresBusPool, PostgresListener } from './bus/pool.js';
export { PostgresBus } from './bus.js';
export type { PostgresStoreOptions } from './options.js';
export type { PostgresPool, PostgresQuery, PostgresResult } from './pool.js';
export type { PostgresRevocationLogOptions } from './revocation-log/options.js';
export { PostgresRevocationLog } from './revocation-log.js';
export { PostgresStore } from './store.js';
