import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../ports/store.js';
import { type CommandIo, UsageError } from './command.js';
import { fromPackage } from './from-package.js';
import type { Options } from './options.js';

/** A store to sweep, by the name of its kind. */
export interface SweepSource {
  readonly kind: 'lmdb' | 'postgres' | 'redis';
  /** Absent where there is nothing to sweep. */
  readonly open?: () => Promise<OpenStore>;
}

/** A store, and what frees all that was opened for it. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** The variable that is looked at when nothing is said. */
export const DATABASE_VARIABLE = 'DATABASE_URL';

/** ms: nobody waits for a scheduler's command, but it should not wait for ever either. */
const CONNECT_DEADLINE = 10_000;
const BATCH_DEADLINE = 60_000;

/** @throws UsageError when the command line and the environment name no store, or more than one */
export function sourceOf({ flags, values }: Options, env: CommandIo['env']): SweepSource {
  const path = values.get('lmdb');
  const variable = values.get('database-env');
  const table = values.get('table');
  const isPostgres = variable !== undefined || table !== undefined;
  if ([path !== undefined, flags.has('redis'), isPostgres].filter(Boolean).length > 1) {
    throw new UsageError('--lmdb, --redis, and --database-env or --table exclude each other');
  }
  if (flags.has('redis')) return { kind: 'redis' };
  if (path !== undefined) return { kind: 'lmdb', open: lmdbAt(path) };
  const url = env[variable ?? DATABASE_VARIABLE];
  if (url !== undefined && url !== '') return { kind: 'postgres', open: postgresAt(url, table) };
  if (variable !== undefined) throw new UsageError('the environment variable that --database-env names is not set');
  throw new UsageError(`which store? --lmdb <path>, --redis, or PostgreSQL by ${DATABASE_VARIABLE} in the environment`);
}

function lmdbAt(path: string): () => Promise<OpenStore> {
  // Opening one that is not there would make it.
  if (!existsSync(join(path, 'data.mdb'))) throw new UsageError('the folder that --lmdb names holds no LMDB database');
  return async () => {
    const { LmdbStore } = await fromPackage('lmdb', () => import('../drivers/lmdb/index.js'));
    const store = new LmdbStore({ path });
    return { store, close: () => store.close() };
  };
}

function postgresAt(url: string, table: string | undefined): () => Promise<OpenStore> {
  if (!/^(?:postgres(?:ql)?:|socket:|\/)/.test(url)) {
    throw new UsageError('the environment holds no address of PostgreSQL, such as postgres://user@host/database');
  }
  return async () => {
    const { PostgresStore } = await import('../drivers/postgres/index.js');
    const { default: pg } = await fromPackage('pg', () => import('pg'));
    const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_DEADLINE });
    // A connection that breaks while nothing is asked: the next question says so.
    pool.on('error', () => undefined);
    try {
      return { store: new PostgresStore({ pool, table, deadline: BATCH_DEADLINE }), close: () => pool.end() };
    } catch (error) {
      // Its messages name the option; they never show an address.
      if (error instanceof TypeError) throw new UsageError(error.message);
      throw error;
    }
  };
}
