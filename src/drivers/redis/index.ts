/**
 * `sessions-jwt/redis`: a store in Redis, through the application's client of `redis` or `ioredis`.
 *
 * @module
 */
export type { IoRedisClient, NodeRedisClient, NodeRedisScanner, RedisClient, RedisScriptOptions } from './client.js';
export type { RedisStoreOptions } from './options.js';
export { RedisStore } from './store.js';
