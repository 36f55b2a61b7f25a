import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createClient } from 'redis';
import type { Store } from 'sessions-jwt';
import { PostgresStore } from 'sessions-jwt/postgres';
import { RedisStore } from 'sessions-jwt/redis';
import { SqliteStore } from 'sessions-jwt/sqlite';
import type { Environment, Kind } from './choice.js';
import { reasonOf } from './reason.js';
import { findSqlite, remarkOnOldFolder } from './sqlite.js';

/** An open store, and what the application has to do with it besides. */
export interface Place {
  readonly store: Store;
  /** Where that is, for people: never an address as a whole, which may hold a password. */
  readonly keptIn: string;
  /** What else the person should know. */
  readonly remark?: string | undefined;
  /** Ends what was made for the store: a store leaves open what it was given. */
  close(): Promise<unknown>;
}

/** Beside this file, where git ignores it. */
const FILE = fileURLToPath(new URL('.sessions.sqlite', import.meta.url));

/** ms that a person may be kept waiting for a connection. */
const PATIENCE = 2_000;

const EXAMPLES = { REDIS_URL: 'redis://127.0.0.1:6379', DATABASE_URL: 'postgres://user@127.0.0.1/database' };

/** Where tables and keys begin, so that a database of something else may be lent for a try. */
const TABLE = 'console_sessions';
const PREFIX = 'console:';

/** @throws Error that says what is the matter, when it cannot be reached */
export async function openStore(kind: Exclude<Kind, 'jwt'>, env: Environment): Promise<Place> {
  switch (kind) {
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
    await store.migrate();
    return { store, keptIn, remark: remarkOnOldFolder(file), close: async () => database.close() };
  } catch (error) {
    giveUp(keptIn, error, 'To keep them in another file: SESSIONS_FILE=/path/to/file npm start');
  }
}

async function openRedis(url: string, host: string): Promise<Place> {
  const keptIn = `Redis at ${host}`;
  let isStarted = false;
  const client = createClient({
    url,
    // While Redis is away, requests are told so at once, rather than when it is back.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: PATIENCE,
      reconnectStrategy: (retries) => isStarted && Math.min(100 * retries, PATIENCE),
    },
  });
  // Without a listener an error would end the process. Requests tell of it.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => giveUp(keptIn, error));
  isStarted = true;
  return { store: new RedisStore({ client, prefix: PREFIX }), keptIn, close: async () => client.destroy() };
}

async function openPostgres(url: string, host: string): Promise<Place> {
  const keptIn = `PostgreSQL at ${host}`;
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: PATIENCE });
  // As above: a connection may break while nothing is asked.
  pool.on('error', () => undefined);
  const store = new PostgresStore({ pool, table: TABLE });
  // Any number of processes may do this at once.
  await store.migrate().catch((error: unknown) => giveUp(keptIn, error));
  return { store, keptIn, close: () => pool.end() };
}

/** The address in a variable, and the part of it that may be shown. @throws Error when there is none */
function addressOf(variable: 'REDIS_URL' | 'DATABASE_URL', env: Environment): readonly [url: string, host: string] {
  const text = env[variable] ?? '';
  if (!URL.canParse(text)) throw new Error(`${variable} must hold an address, such as ${EXAMPLES[variable]}`);
  return [text, new URL(text).host || 'a socket of this machine'];
}

function giveUp(
  keptIn: string,
  error: unknown,
  cure = 'To keep them in a file instead: SESSIONS=sqlite npm start',
): never {
  throw new Error(`Sessions cannot be kept in ${keptIn}: ${reasonOf(error)}.\n${cure}`);
}
