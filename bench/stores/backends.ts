import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { startPostgres } from '../../test/support/servers/postgres.js';
import { startRedis } from '../../test/support/servers/redis.js';

/** A Redis and a PostgreSQL of the benchmark's own. */
export interface Backends {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** How many commands Redis is sent while `work` goes on; what scripts do by themselves does not count. */
  countCommands(work: () => Promise<void>): Promise<number>;
  stop(): Promise<void>;
}

/** @throws Error when one of the servers is not installed */
export async function startBackends(): Promise<Backends> {
  const redis = await startRedis();
  const postgres = await startPostgres('on');
  if (typeof redis === 'string') throw new Error(redis);
  if (typeof postgres === 'string') throw new Error(postgres);
  const { host, port, user, database } = postgres.server.address;
  const redisPort = redis.server.port;
  return {
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    databaseUrl: `postgres://${user}@${host}:${port}/${database}`,
    countCommands: (work) => countCommands(redisPort, work),
    async stop() {
      await Promise.all([redis.stop(), postgres.stop()]);
    },
  };
}

async function countCommands(port: number, work: () => Promise<void>): Promise<number> {
  const monitor = connect(port, '127.0.0.1');
  const lines = createInterface(monitor);
  monitor.write('MONITOR\r\n');
  await once(lines, 'line');
  const end = randomUUID();
  let count = 0;
  const seen = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes(end)) resolve();
      else if (!/^\+\S+ \[\d+ lua\]/.test(line)) count += 1;
    });
  });
  await work();
  const marker = connect(port, '127.0.0.1');
  marker.write(`ECHO ${end}\r\n`);
  await seen;
  marker.destroy();
  monitor.destroy();
  return count;
}
