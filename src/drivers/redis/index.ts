/**
 * `sessions-jwt/redis`: a store, a revocation log and a bus in Redis, through the application's client of `redis` or `ioredis`.
 *
 * @module
 */
export type { RedisBusOptions } from './bus/options.js';
export type { IoRedisBusClient, NodeRedisBusClient, RedisBusClient } from './bus/subscriber.js';
export { RedisBus } from './bus.js';
export type { IoRedisClient, NodeRedisClient, NodeRedisScanner, RedisClient, RedisScriptOptions } from './client.js';
export type { RedisStoreOptions } from './options.js';
export type { RedisRevocationLogOptions } from './revocation-log/options.js';
export { RedisRevocationLog } from './revocation-log.js';
export { RedisStore } from './store.js';
