import { Redis } from 'ioredis';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import type { OpenStore } from '../open-store.js';

export async function openIoredis(port: number, deadline: number): Promise<OpenStore> {
  const client = new Redis({ host: '127.0.0.1', port });
  client.on('error', () => {});
  const store = new RedisStore({ client, deadline });
  return {
    store,
    close: async () => {
      await store.close();
      client.disconnect();
    },
  };
}
