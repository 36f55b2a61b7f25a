import { type Request, Router } from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { activateSessions, stream } from '../../../src/adapters/express.js';
import { PostgresBus } from '../../../src/drivers/postgres/index.js';
import { RedisBus, type RedisBusClient, RedisStore } from '../../../src/drivers/redis/index.js';
import { RevocationList, ServerSessionStorage, SessionStorage } from '../../../src/index.js';
import { type Bus, LiveSessions } from '../../../src/live/index.js';
import type { EitherStorage } from '../live-streams.js';
import type { PostgresAddress } from '../servers/postgres.js';
import { SECRET } from '../sessions.js';
import { FileLog } from './file-log.js';

/** ms that a server may take for an answer: short, so that outages show soon. */
const DEADLINE = 1_000;
/** The same for PostgreSQL, which has to start a process for each connection. */
const POSTGRES_DEADLINE = 2_000;
/** ms until a client tries again to connect: sooner than a bus does. */
const RETRY = 20;

/** Which package connects to Redis. */
export type RedisPackage = 'redis' | 'ioredis';

/** Sessions with streams: at `/<name>/live`. */
export interface SiteSettings {
  readonly name: string;
  /** The port of a Redis, or a PostgreSQL. */
  readonly bus: number | PostgresAddress;
  /** The port of the Redis with the sessions. Default: tokens. */
  readonly store?: number | undefined;
  /** The file of the revocation log. Default: none. */
  readonly log?: string | undefined;
  /** ms; long where nothing may end by a heartbeat. Default: that of all sites. */
  readonly heartbeat?: number;
}

/** What all sites of a process have in common. */
export interface SharedSettings {
  readonly redis: RedisPackage;
  readonly heartbeat: number;
  readonly activityWindow: number;
}

export interface Site {
  readonly name: string;
  readonly storage: EitherStorage;
  readonly live: LiveSessions;
  readonly router: Router;
}

export async function openSite(settings: SiteSettings, shared: SharedSettings): Promise<Site> {
  const { name } = settings;
  const { heartbeat, activityWindow } = { ...shared, ...settings };
  const storage = await openStorage(settings, shared.redis);
  const bus = await openBus(settings, shared.redis);
  const live = new LiveSessions({ sessionStorage: storage, bus, heartbeat, activityWindow, replay: 2_000 });
  const router = Router();
  router.use(activateSessions({ sessionStorage: storage, cookie: true, create: 'never' }));
  router.all('/live', stream(live));
  router.get('/page', (request: Request, response) => void response.json({ uid: request.session?.uid ?? null }));
  return { name, storage, live, router };
}

async function openStorage({ name, store, log }: SiteSettings, redis: RedisPackage): Promise<EitherStorage> {
  if (store !== undefined) {
    const client = await openRedis(redis, store);
    const records = new RedisStore({ client, prefix: `${name}:`, deadline: DEADLINE });
    return new ServerSessionStorage({ store: records, sweepInterval: null, deadline: DEADLINE });
  }
  const revocations = new RevocationList(log === undefined ? {} : { log: new FileLog(log) });
  await revocations.ready();
  return new SessionStorage({ jwtSecret: SECRET, revocations });
}

async function openBus({ name, bus }: SiteSettings, redis: RedisPackage): Promise<Bus> {
  if (typeof bus === 'number') {
    return new RedisBus({ client: await openRedis(redis, bus), prefix: `${name}:`, deadline: DEADLINE });
  }
  const pool = new pg.Pool({ ...bus, max: 4, connectionTimeoutMillis: POSTGRES_DEADLINE });
  pool.on('error', () => undefined);
  const opened = new PostgresBus({ pool, table: `bus_${name}`, deadline: POSTGRES_DEADLINE });
  await opened.migrate();
  return opened;
}

async function openRedis(redis: RedisPackage, port: number): Promise<RedisBusClient> {
  const place = { host: '127.0.0.1', port };
  const client =
    redis === 'redis'
      ? createClient({ socket: { ...place, reconnectStrategy: () => RETRY } })
      : new Redis({ ...place, lazyConnect: true, retryStrategy: () => RETRY });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
