import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import type { Durability } from '../../src/drivers/sqlite/index.js';
import {
  ConnectPgStore,
  ConnectRedisStore,
  expressSession,
  MemoryStore,
  PostgresStore,
  RedisStore,
  SqliteStore,
} from '../packages.js';
import type { Backends } from './backends.js';
import type { StoreContender } from './contender.js';
import { ours } from './ours.js';
import { peer } from './peer.js';
import { openTemporary } from './sqlite.js';

const LOCAL = { count: undefined, close: async (): Promise<void> => undefined };

/** All that are compared, by the names that the report knows. */
export async function openContenders(backends: Backends, count: number): Promise<StoreContender[]> {
  const redis = () => createClient({ url: backends.redisUrl }).connect();
  const pool = () => new pg.Pool({ connectionString: backends.databaseUrl, max: 10 });
  const clients = { ours: await redis(), peer: await redis() };
  const ioredis = new Redis(backends.redisUrl);
  const pools = { ours: pool(), peer: pool() };
  const postgres = new PostgresStore({ pool: pools.ours });
  await postgres.migrate();
  return [
    await peer("express-session's MemoryStore", new expressSession.MemoryStore(), count, LOCAL),
    await ours('MemoryStore', new MemoryStore(), count, LOCAL),
    await sqlite('SqliteStore', count, 'ends'),
    await sqlite('SqliteStore, durability power', count, 'power'),
    await peer('connect-redis, node-redis', new ConnectRedisStore({ client: clients.peer }), count, {
      count: backends.countCommands,
      close: async () => clients.peer.destroy(),
    }),
    await ours('RedisStore, node-redis', new RedisStore({ client: clients.ours, prefix: 'node-redis:' }), count, {
      count: backends.countCommands,
      close: async () => clients.ours.destroy(),
    }),
    await ours('RedisStore, ioredis', new RedisStore({ client: ioredis, prefix: 'ioredis:' }), count, {
      count: backends.countCommands,
      close: async () => ioredis.disconnect(),
    }),
    await peer(
      'connect-pg-simple',
      new ConnectPgStore({
        pool: pools.peer,
        createTableIfMissing: true,
        pruneSessionInterval: false,
        tableName: 'peer',
      }),
      count,
      { count: queriesOf(pools.peer), close: () => pools.peer.end() },
    ),
    await ours('PostgresStore', postgres, count, { count: queriesOf(pools.ours), close: () => pools.ours.end() }),
  ];
}

async function sqlite(name: string, count: number, durability: Durability): Promise<StoreContender> {
  const { database, remove } = openTemporary();
  const store = new SqliteStore({ database, durability });
  await store.migrate();
  return await ours(name, store, count, { count: undefined, close: async () => remove() });
}

/** A pool lends a connection for each query. */
function queriesOf(pool: pg.Pool): NonNullable<StoreContender['count']> {
  let count = 0;
  pool.on('acquire', () => {
    count += 1;
  });
  return async (work) => {
    const before = count;
    await work();
    return count - before;
  };
}
