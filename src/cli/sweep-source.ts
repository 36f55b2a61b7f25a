import { statSync } from 'node:fs';
import type { Store } from '../ports/store.js';
import { type CommandIo, UsageError } from './command.js';
import { fromPackage } from './from-package.js';
import type { Options } from './options.js';
import { openSqliteFile } from './sqlite-file.js';

/** A store to sweep. */
export interface SweepSource {
  readonly kind: 'sqlite' | 'postgres' | 'redis';
  /** Absent where there is nothing to sweep. */
  readonly open?: () => Promise<OpenStore>;
}

/** A store, and how to close what was opened for it. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** The environment variable that is read by default. */
export const DATABASE_VARIABLE = 'DATABASE_URL';

/** ms. Nobody waits for a command of a scheduler, but it must not run for ever. */
const CONNECT_DEADLINE = 10_000;
const BATCH_DEADLINE = 60_000;

/** @throws UsageError when the command line and the environment name no store, or more than one */
export function sourceOf({ flags, values }: Options, env: CommandIo['env']): SweepSource {
  const path = values.get('sqlite');
  const variable = values.get('database-env');
  const table = values.get('table');
  if ([path !== undefined, flags.has('redis'), variable !== undefined].filter(Boolean).length > 1) {
    throw new UsageError('--sqlite, --redis and --database-env cannot be used together');
  }
  if (flags.has('redis')) {
    if (table !== undefined) throw new UsageError('--table cannot be used with --redis: Redis has no tables');
    return { kind: 'redis' };
  }
  if (path !== undefined) return { kind: 'sqlite', open: sqliteIn(path, table) };
  const url = env[variable ?? DATABASE_VARIABLE];
  if (url !== undefined && url !== '') return { kind: 'postgres', open: postgresAt(url, table) };
  if (variable !== undefined) throw new UsageError('the environment variable that --database-env names is not set');
  throw new UsageError(`no store given: use --sqlite <file> or --redis, or set ${DATABASE_VARIABLE} for PostgreSQL`);
}

function sqliteIn(path: string, table: string | undefined): () => Promise<OpenStore> {
  // Opening a file that does not exist would create it.
  if (!isFile(path)) throw new UsageError('the file that --sqlite names does not exist, or cannot be read');
  return async () => {
    const { SqliteStore } = await import('../drivers/sqlite/index.js');
    const database = await openSqliteFile(path);
    const close = async (): Promise<void> => {
      database.close();
    };
    try {
      return { store: new SqliteStore({ database, table, deadline: BATCH_DEADLINE }), close };
    } catch (error) {
      await close();
      throw asUsage(error);
    }
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function postgresAt(url: string, table: string | undefined): () => Promise<OpenStore> {
  if (!/^(?:postgres(?:ql)?:|socket:|\/)/.test(url)) {
    throw new UsageError('the environment variable has no URL of PostgreSQL, such as postgres://user@host/database');
  }
  return async () => {
    const { PostgresStore } = await import('../drivers/postgres/index.js');
    const { default: pg } = await fromPackage('pg', () => import('pg'));
    const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_DEADLINE });
    // When an idle connection breaks, the next query reports it.
    pool.on('error', () => undefined);
    try {
      return { store: new PostgresStore({ pool, table, deadline: BATCH_DEADLINE }), close: () => pool.end() };
    } catch (error) {
      await pool.end();
      throw asUsage(error);
    }
  };
}

/** A store refused an option: its message names the option, and never contains an address. */
function asUsage(error: unknown): unknown {
  return error instanceof TypeError ? new UsageError(error.message) : error;
}
