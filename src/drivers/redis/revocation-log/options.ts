import { FieldsRule } from '../../../lib/rules/fields.js';
import { type Cures, strictOptions } from '../../../lib/strict-options.js';
import { deadlineOption, type Given } from '../../shared/options.js';
import type { RedisBusClient } from '../bus/subscriber.js';
import { CLIENT_CURES, redisClientOption, singleSlotPrefix, withOwnConnection } from '../client-option.js';

/** How a {@link RedisRevocationLog} reaches Redis. */
export interface RedisRevocationLogOptions {
  /**
   * A connected client of `redis` (`createClient` or `createCluster`) or `ioredis` (`Redis` or `Cluster`), as for a RedisBus. Each read opens a
   * connection of its own with the same settings, by `duplicate()`, because it waits there for new entries.
   */
  readonly client: RedisBusClient;
  /** The start of every key. Default 'sessions:', as of a RedisStore. Logs with the same prefix are one log. */
  readonly prefix?: string | undefined;
  /**
   * ms after which an operation rejects with StoreUnavailable. An append that was given up may still happen. A read whose connection does not answer
   * fails after 2 s more. Default 2,000.
   */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  client: redisClientOption<RedisBusClient>((value) => withOwnConnection(value, 'wait for revocations')),
  prefix: singleSlotPrefix,
  deadline: deadlineOption,
});

const CURES: Cures = {
  ...CLIENT_CURES,
  subscriber: 'leave it out: the log duplicates the option client',
};

/** @throws TypeError naming the option that is wrong */
export function readRedisRevocationLogOptions(options: unknown): Given<RedisRevocationLogOptions> {
  return strictOptions('RedisRevocationLog', OPTIONS, options, CURES);
}
