import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { startRedis } from '../support/servers/redis.js';
import type { Backend, Expected, Inspection } from './backend.js';

/** Keys that there may be in any case, and for each entry and user. */
const LEAST = 100;
const FACTOR = 4;

/** Why there is none, as a text. */
export async function startRedisBackend(): Promise<Backend | string> {
  const started = await startRedis({ isDurable: true });
  if (typeof started === 'string') return started;
  const { server, stop } = started;
  return {
    name: 'Redis (AOF)',
    address: (random) => ({ kind: 'redis', port: server.port, client: random.isLikely(0.5) ? 'redis' : 'ioredis' }),
    faults: [
      {
        name: 'kill and restart',
        run: async (random) => {
          await server.process.stop('SIGKILL');
          await delay(random.between(0, 500));
          await server.process.start();
        },
      },
      {
        name: 'stop and continue',
        run: async (random) => {
          server.process.signal('SIGSTOP');
          await delay(random.between(50, 3_000));
          server.process.signal('SIGCONT');
        },
      },
    ],
    settling: 500,
    sample: () => {},
    inspect: (expected) => inspect(server.port, expected),
    stop,
  };
}

async function inspect(port: number, { recent, users }: Expected): Promise<Inspection> {
  const client = await createClient({ socket: { host: '127.0.0.1', port } }).connect();
  try {
    const keys = await client.dbSize();
    const most = LEAST + FACTOR * (recent + users);
    const problems = keys > most ? [`${keys} keys; at most ${most} were expected`] : [];
    return { problems, figures: { keys } };
  } finally {
    client.destroy();
  }
}
