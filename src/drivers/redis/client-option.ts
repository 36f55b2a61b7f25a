import type { Rule } from '../../lib/rules/rule.js';
import type { Cures } from '../../lib/strict-options.js';
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
