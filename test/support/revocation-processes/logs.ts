import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { SqliteRevocationLog } from '../../../src/drivers/sqlite/index.js';
import type { RevocationLog } from '../../../src/index.js';
import type { PostgresAddress } from '../servers/postgres.js';
import { openDatabase } from '../sqlite.js';

/** ms until a client of Redis tries again to connect. */
const RETRY = 20;

/** A log that processes share. Each test has one of its own. */
export type LogSettings =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly port: number; readonly prefix: string; readonly client: 'redis' | 'ioredis' }
  | { readonly kind: 'postgres'; readonly address: PostgresAddress; readonly table: string };

/** `deadline`: ms for which one operation waits. */
export async function openLog(settings: LogSettings, deadline: number): Promise<RevocationLog> {
  switch (settings.kind) {
    case 'sqlite': {
      const log = new SqliteRevocationLog({ database: openDatabase(settings.path), deadline });
      await log.migrate();
      return log;
    }
    case 'redis': {
      const place = { host: '127.0.0.1', port: settings.port };
      const client =
        settings.client === 'redis'
          ? createClient({ socket: { ...place, reconnectStrategy: () => RETRY } })
          : new Redis({ ...place, lazyConnect: true, retryStrategy: () => RETRY });
      client.on('error', () => undefined);
      await client.connect();
      return new RedisRevocationLog({ client, prefix: settings.prefix, deadline });
    }
    case 'postgres': {
      const pool = new pg.Pool({ ...settings.address, max: 4, connectionTimeoutMillis: deadline });
      pool.on('error', () => undefined);
      const log = new PostgresRevocationLog({ pool, table: settings.table, deadline });
      await log.migrate();
      return log;
    }
  }
}
