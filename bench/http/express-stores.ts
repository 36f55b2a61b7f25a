import pg from 'pg';
import { createClient } from 'redis';
import type { Store } from '../../src/index.js';
import {
  ConnectPgStore,
  ConnectRedisStore,
  expressSession,
  MemoryStore,
  type PeerStore,
  PostgresStore,
  RedisStore,
  ServerSessionStorage,
  SqliteStore,
} from '../packages.js';
import { openTemporary } from '../stores/sqlite.js';
import type { SampleData, SampleUser } from '../token/sample-session.js';
import { ourRoutes, peerRoutes, secret } from './routes.js';
import type { Variant } from './variant.js';

function ours(open: () => Store | Promise<Store>): Variant {
  return async (app) => {
    ourRoutes(app, new ServerSessionStorage<SampleData, SampleUser>({ store: await open() }));
  };
}

function peer(open: () => PeerStore | Promise<PeerStore>): Variant {
  return async (app) => {
    app.use(expressSession({ secret: secret(), resave: false, saveUninitialized: false, store: await open() }));
    peerRoutes(app);
  };
}

async function redis() {
  return await createClient({ url: process.env['REDIS_URL'] ?? '' }).connect();
}

function pool(): pg.Pool {
  return new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
}

/** Sessions in stores, by name; where Redis and PostgreSQL are is said by the environment. */
export const STORE_VARIANTS: Readonly<Record<string, Variant>> = {
  'Express, sessions-jwt, MemoryStore': ours(() => new MemoryStore()),

  'Express, sessions-jwt, SqliteStore': ours(async () => {
    const { database, remove } = openTemporary();
    process.once('exit', remove);
    const store = new SqliteStore({ database });
    await store.migrate();
    return store;
  }),

  'Express, sessions-jwt, RedisStore': ours(async () => new RedisStore({ client: await redis() })),

  'Express, express-session, connect-redis': peer(async () => new ConnectRedisStore({ client: await redis() })),

  'Express, sessions-jwt, PostgresStore': ours(async () => {
    const store = new PostgresStore({ pool: pool() });
    await store.migrate();
    return store;
  }),

  'Express, express-session, connect-pg-simple': peer(
    () =>
      new ConnectPgStore({ pool: pool(), createTableIfMissing: true, pruneSessionInterval: false, tableName: 'peer' }),
  ),
};
