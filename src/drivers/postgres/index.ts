/**
 * `sessions-jwt/postgres`: a store and a bus in PostgreSQL tables, through the application's `pg` Pool.
 *
 * @module
 */

export type { PostgresBusOptions } from './bus/options.js';
export type { PostgresBusPool, PostgresListener } from './bus/pool.js';
export { PostgresBus } from './bus.js';
export type { PostgresStoreOptions } from './options.js';
export type { PostgresPool, PostgresQuery, PostgresResult } from './pool.js';
export { PostgresStore } from './store.js';
