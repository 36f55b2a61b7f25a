/**
 * `sessions-jwt/redis`: sessions in Redis, for a client of `redis` or `ioredis` that the application has connected.
 *
 * @module
 */
export type { IoRedisClient, NodeRedisClient, NodeRedisScanner, RedisClient, RedisScriptOptions } from './client.js';
export type { RedisStoreOptions } from './options.js';
export { RedisStore } from './store.js';
