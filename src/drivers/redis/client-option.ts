import { text } from '../../lib/rules/kinds.js';
import type { Rule } from '../../lib/rules/rule.js';
import { type Cures, hasMethods } from '../../lib/strict-options.js';
import { clientOption } from '../shared/options.js';

/** The option `client`. `accepts` may return a problem in place of false. */
export function redisClientOption<Client>(accepts: (value: unknown) => boolean | string): Rule<Client> {
  return clientOption<Client>(
    accepts,
    'a client of redis or ioredis, version 5 or newer',
    'a URL is not a client: pass a connected one, await createClient({ url }).connect()',
  );
}

/** For names of other packages that mean the client or the prefix. */
export const CLIENT_CURES: Cures = {
  url: 'connect a client and pass it, { client: await createClient({ url }).connect() }',
  redis: 'pass the client as the option client',
  keyPrefix: 'use prefix',
};

/** The option `prefix` of what keeps all keys in one slot: empty braces would spread them over a cluster. */
export const singleSlotPrefix: Rule<string> = text()
  .check((prefix) => !prefix.includes('{}'), "must not contain '{}'")
  .default('sessions:');

/** Whether a client can be duplicated to get a connection for one use, or the problem. `use`: what that is, such as `hear messages`. */
export function withOwnConnection(value: unknown, use: string): boolean | string {
  if (typeof value !== 'object') return false;
  if (hasMethods(value, 'call', 'duplicate')) return true;
  if (!hasMethods(value, 'get', 'eval', 'evalSha')) return false;
  if (hasMethods(value, 'nodeClient')) return true;
  if (hasMethods(value, 'getSentinelNode')) {
    return `it cannot ${use} through createSentinel: use a client of ioredis with sentinels`;
  }
  return (
    hasMethods(value, 'duplicate', 'subscribe') || `it cannot ${use} through a pool: pass one client, of createClient`
  );
}
