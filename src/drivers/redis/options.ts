import { FieldsRule } from '../../lib/rules/fields.js';
import { text } from '../../lib/rules/kinds.js';
import { type Cures, hasMethods, strictOptions } from '../../lib/strict-options.js';
import { deadlineOption, type Given } from '../shared/options.js';
import type { RedisClient } from './client.js';
import { CLIENT_CURES, redisClientOption } from './client-option.js';

/** How a {@link RedisStore} reaches Redis. */
export interface RedisStoreOptions {
  /**
   * A connected client of `redis` or `ioredis`, for a single server, a cluster or a failover group. The application connects it, listens to its
   * 'error' event and closes it. The client must read from the servers that it writes to: do not set `scaleReads` (ioredis), `useReplicas` or
   * `clientSideCache` (redis).
   */
  readonly client: RedisClient;
  /** The start of every key. Default 'sessions:'. Stores with the same prefix share their sessions. */
  readonly prefix?: string | undefined;
  /**
   * ms after which an operation rejects with StoreUnavailable. A write that was given up may still happen. Default 2,000. `deleteAll` may take
   * 100 ms longer.
   */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  client: redisClientOption<RedisClient>(isClient),
  prefix: text().default('sessions:'),
  deadline: deadlineOption,
});

/** For names that other stores have. */
const CURES: Cures = {
  ...CLIENT_CURES,
  ttl: 'set idleTimeout and absoluteTimeout of ServerSessionStorage',
  disableTouch: 'set timeoutResolution of ServerSessionStorage, which limits how often lastAccess is written',
};

/** @throws TypeError naming the option that is wrong */
export function readRedisStoreOptions(options: unknown): Given<RedisStoreOptions> {
  return strictOptions('RedisStore', OPTIONS, options, CURES);
}

function isClient(value: unknown): boolean {
  // Every function has `call`.
  if (typeof value !== 'object') return false;
  return hasMethods(value, 'call') || hasMethods(value, 'get', 'eval', 'evalSha');
}
