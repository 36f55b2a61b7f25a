import { randomUUID } from 'node:crypto';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { storeSuite } from '../../../src/testing/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { ALL_MAKES, NODE_REDIS_6, type OpenClient } from './support.js';

for (const make of ALL_MAKES) {
  describe(`RedisStore with ${make.name}`, () => {
    let port = 0;
    const clients: OpenClient[] = [];

    before(async function () {
      ({ port } = await sharedRedis(this));
    });

    after(() => {
      for (const { close } of clients) close();
    });

    const open = async (prefix: string): Promise<RedisStore> => {
      const opened = await make.open(port);
      clients.push(opened);
      return new RedisStore({ client: opened.client, prefix, deadline: 20_000 });
    };

    const prefix = `${randomUUID()}:`;
    storeSuite({
      runner: { describe, it, before, after },
      name: 'keeps to the port',
      open: () => open(prefix),
      openAlone:
        make === NODE_REDIS_6
          ? async () => {
              const alone = `${randomUUID()}:`;
              return [await open(alone), await open(alone)];
            }
          : undefined,
      sizes: 'small',
    });
  });
}
