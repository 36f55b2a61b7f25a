import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { SqliteRevocationLog } from '../../../src/drivers/sqlite/index.js';
import type { RevocationLog } from '../../../src/index.js';
import type { PostgresAddress } from '../servers/postgres.js';
import { openDatabase } from '../sqlite.js';

/** ms until a client of Redis tries again to connect. */
const RETRY = 20;
/** ms after which a log is read again, less than by default: tests wait for it. */
const POLL = 100;

/** A log that processes share. Each test has one of its own. */
export type LogSettings =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly port: number; readonly prefix: string; readonly client: 'redis' | 'ioredis' }
  | { readonly kind: 'postgres'; readonly address: PostgresAddress; readonly table: string };

/** Loads only the client that the log needs: a process starts in two thirds of the time. `deadline`: ms for which one operation waits. */
export async function openLog(settings: LogSettings, deadline: number): Promise<RevocationLog> {
  switch (settings.kind) {
    case 'sqlite': {
      const log = new SqliteRevocationLog({ database: openDatabase(settings.path), pollInterval: POLL, deadline });
      await log.migrate();
      return log;
    }
    case 'redis': {
      const client = settings.client === 'redis' ? await nodeRedis(settings.port) : await ioredis(settings.port);
      client.on('error', () => undefined);
      await client.connect();
      return new RedisRevocationLog({ client, prefix: settings.prefix, deadline });
    }
    case 'postgres': {
      const { default: pg } = await import('pg');
      const pool = new pg.Pool({ ...settings.address, max: 4, connectionTimeoutMillis: deadline });
      pool.on('error', () => undefined);
      const log = new PostgresRevocationLog({ pool, table: settings.table, pollInterval: POLL, deadline });
      await log.migrate();
      return log;
    }
  }
}

async function nodeRedis(port: number) {
  const { createClient } = await import('redis');
  return createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: () => RETRY } });
}

async function ioredis(port: number) {
  const { Redis } = await import('ioredis');
  return new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => RETRY });
}
