import { FieldsRule } from '../../../lib/rules/fields.js';
import { type Cures, strictOptions } from '../../../lib/strict-options.js';
import { deadlineOption, type Given } from '../../shared/options.js';
import { CLIENT_CURES, redisClientOption, singleSlotPrefix, withOwnConnection } from '../client-option.js';
import type { RedisBusClient } from './subscriber.js';

/** How a {@link RedisBus} reaches Redis. */
export interface RedisBusOptions {
  /**
   * A connected client of `redis` (`createClient` or `createCluster`) or `ioredis`, as for a RedisStore. The bus opens one more connection with
   * the same settings, by `duplicate()`, to hear messages.
   */
  readonly client: RedisBusClient;
  /** The start of every key and channel. Default 'sessions:', as of a RedisStore. Buses with the same prefix share everything. */
  readonly prefix?: string | undefined;
  /**
   * ms after which an operation rejects with StoreUnavailable. Something that was given up may still happen. A connection that does not answer
   * a PING for as long is replaced. Default 2,000.
   */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  client: redisClientOption<RedisBusClient>((value) => withOwnConnection(value, 'hear messages')),
  prefix: singleSlotPrefix,
  deadline: deadlineOption,
});

const CURES: Cures = {
  ...CLIENT_CURES,
  publisher: 'pass it as the option client: the bus duplicates it to hear messages',
  subscriber: 'leave it out: the bus duplicates the option client',
};

/** @throws TypeError naming the option that is wrong */
export function readRedisBusOptions(options: unknown): Given<RedisBusOptions> {
  return strictOptions('RedisBus', OPTIONS, options, CURES);
}
