import { createClient } from 'redis';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import type { OpenStore } from '../open-store.js';

export async function openRedis(port: number, deadline: number): Promise<OpenStore> {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  // It connects again by itself; the store reports what fails meanwhile.
  client.on('error', () => {});
  await client.connect().catch((error: unknown) => {
    throw new StoreUnavailable('no connection to Redis', error);
  });
  const store = new RedisStore({ client, deadline });
  return {
    store,
    close: async () => {
      await store.close();
      client.destroy();
    },
  };
}
