import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createClient } from 'redis';
import type { RevocationLog, Store } from 'sessions-jwt';
import type { Bus } from 'sessions-jwt/live';
import { PostgresBus, PostgresRevocationLog, PostgresStore } from 'sessions-jwt/postgres';
import { RedisBus, RedisRevocationLog, RedisStore } from 'sessions-jwt/redis';
import { SqliteRevocationLog, SqliteStore } from 'sessions-jwt/sqlite';
import type { Backend, Environment } from './choice.js';
import { reasonOf } from './reason.js';
import { findSqlite, remarkOnOldFolder } from './sqlite.js';

/** What the processes of the console share, and how to close it. */
export interface Place {
  /** For sessions that are not in tokens. */
  readonly store: Store;
  /** The sign-outs, for tokens and for the open pages of all processes. */
  readonly log: RevocationLog;
  /** Carries live messages between the processes that use the store; `undefined` if it cannot. */
  readonly bus?: Bus | undefined;
  /** Where that is, for the page and the terminal. Not the whole URL, which may contain a password. */
  readonly keptIn: string;
  /** A remark for the terminal. */
  readonly remark?: string | undefined;
  /** Closes what was opened here. Neither a store nor a log closes it. */
  close(): Promise<unknown>;
}

/** The default file, which git ignores. */
const FILE = fileURLToPath(new URL('.sessions.sqlite', import.meta.url));

/** ms to wait for a connection. */
const PATIENCE = 2_000;

const EXAMPLES = { REDIS_URL: 'redis://127.0.0.1:6379', DATABASE_URL: 'postgres://user@127.0.0.1/database' };

/** Names of their own, so that the console can share a database with other applications. */
const TABLE = 'console_sessions';
const BUS_TABLE = 'console_bus';
const LOG_TABLE = 'console_revocations';
const PREFIX = 'console:';

/** @throws Error that says why the backend cannot be opened, and what to do */
export async function openBackend(backend: Backend, env: Environment): Promise<Place> {
  switch (backend) {
    case 'redis':
      return await openRedis(...addressOf('REDIS_URL', env));
    case 'postgres':
      return await openPostgres(...addressOf('DATABASE_URL', env));
    case 'sqlite':
      return await openSqlite(env['SESSIONS_FILE'] || FILE);
  }
}

async function openSqlite(file: string): Promise<Place> {
  const fromHere = relative(process.cwd(), file);
  const keptIn = `SQLite in ${fromHere.startsWith('..') ? file : fromHere}`;
  const open = await findSqlite();
  try {
    const database = open(file);
    const store = new SqliteStore({ database });
    const log = new SqliteRevocationLog({ database });
    await Promise.all([store.migrate(), log.migrate()]);
    const close = () => log.close().finally(() => database.close());
    return { store, log, keptIn, remark: remarkOnOldFolder(file), close };
  } catch (error) {
    giveUp(keptIn, error, 'To use another file: SESSIONS_FILE=/path/to/file npm start');
  }
}

async function openRedis(url: string, host: string): Promise<Place> {
  const keptIn = `Redis at ${host}`;
  let isStarted = false;
  const client = createClient({
    url,
    // While Redis is down, requests fail at once instead of waiting until it is back.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: PATIENCE,
      reconnectStrategy: (retries) => isStarted && Math.min(100 * retries, PATIENCE),
    },
  });
  // Without a listener, Node.js exits on an error. Requests report the failure.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => giveUp(keptIn, error));
  isStarted = true;
  const bus = new RedisBus({ client, prefix: PREFIX });
  const log = new RedisRevocationLog({ client, prefix: PREFIX });
  const close = () => Promise.all([bus.close(), log.close()]).finally(() => client.destroy());
  return { store: new RedisStore({ client, prefix: PREFIX }), log, bus, keptIn, close };
}

async function openPostgres(url: string, host: string): Promise<Place> {
  const keptIn = `PostgreSQL at ${host}`;
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: PATIENCE });
  // As above: an idle connection may break.
  pool.on('error', () => undefined);
  const store = new PostgresStore({ pool, table: TABLE });
  const bus = new PostgresBus({ pool, table: BUS_TABLE });
  const log = new PostgresRevocationLog({ pool, table: LOG_TABLE });
  // Several processes may do this at the same time.
  const tables = [store.migrate(), bus.migrate(), log.migrate()];
  await Promise.all(tables).catch((error: unknown) => giveUp(keptIn, error));
  const close = () => Promise.all([bus.close(), log.close()]).finally(() => pool.end());
  return { store, log, bus, keptIn, close };
}

/** The URL in a variable, and the part of it that may be shown. @throws Error when there is none */
function addressOf(variable: 'REDIS_URL' | 'DATABASE_URL', env: Environment): readonly [url: string, host: string] {
  const text = env[variable] ?? '';
  if (!URL.canParse(text)) throw new Error(`${variable} must be a URL, such as ${EXAMPLES[variable]}`);
  return [text, new URL(text).host || 'a local socket'];
}

function giveUp(keptIn: string, error: unknown, cure = 'To use a file instead: SESSIONS=sqlite npm start'): never {
  throw new Error(`Sessions cannot be kept in ${keptIn}: ${reasonOf(error)}.\n${cure}`);
}
