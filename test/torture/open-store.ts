import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { RedisStore } from '../../src/drivers/redis/index.js';
import { SqliteStore } from '../../src/drivers/sqlite/index.js';
import { StoreUnavailable } from '../../src/errors.js';
import type { Store } from '../../src/ports/store.js';
import type { PostgresAddress } from '../support/servers/postgres.js';
import { openDatabase } from '../support/sqlite.js';

/** Where a store is, for any process. */
export type Address =
  | { readonly kind: 'sqlite'; readonly path: string; readonly durability: 'crash' | 'ends' | 'power' }
  | { readonly kind: 'redis'; readonly port: number; readonly client: 'redis' | 'ioredis' }
  | { readonly kind: 'postgres'; readonly server: PostgresAddress };

export interface OpenStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

/** `deadline`: ms that an operation may take. @throws StoreUnavailable */
export async function openStore(address: Address, deadline = 2_000): Promise<OpenStore> {
  switch (address.kind) {
    case 'sqlite':
      return openSqlite(address.path, address.durability, deadline);
    case 'redis':
      return address.client === 'redis' ? openRedis(address.port, deadline) : openIoredis(address.port, deadline);
    case 'postgres':
      return openPostgres(address.server, deadline);
  }
}

async function openSqlite(path: string, durability: 'crash' | 'ends' | 'power', deadline: number): Promise<OpenStore> {
  const database = openDatabase(path);
  const store = new SqliteStore({ database, durability, deadline });
  await store.migrate();
  return {
    store,
    close: async () => {
      await store.close();
      database.close();
    },
  };
}

async function openRedis(port: number, deadline: number): Promise<OpenStore> {
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

async function openIoredis(port: number, deadline: number): Promise<OpenStore> {
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

async function openPostgres(server: PostgresAddress, deadline: number): Promise<OpenStore> {
  const limits = { connectionTimeoutMillis: deadline, statement_timeout: deadline };
  const pool = new pg.Pool({ ...server, ...limits, max: 8 });
  pool.on('error', () => {});
  const store = new PostgresStore({ pool, deadline });
  return {
    store,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
