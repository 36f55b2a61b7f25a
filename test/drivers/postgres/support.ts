import pg from 'pg';
import {
  type PostgresBusPool,
  type PostgresPool,
  type PostgresQuery,
  PostgresStore,
} from '../../../src/drivers/postgres/index.js';
import type { Retired, SessionRecord } from '../../../src/ports/store.js';
import type { PostgresServer } from '../../support/servers/postgres.js';

export const NOW = 1_700_000_000_000;

const pools: pg.Pool[] = [];
let tables = 0;

/** A pool that outlives its server. */
export function openPool(server: PostgresServer, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ ...server.address, max: 8, connectionTimeoutMillis: 10_000, ...options });
  pool.on('error', () => {});
  pools.push(pool);
  return pool;
}

/** Ends those that are open: for `after`, or `afterEach`. */
export async function closePools(): Promise<void> {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
}

/** A table's name that is new to the server. */
export function newTable(): string {
  tables += 1;
  return `sessions_${tables}`;
}

/** A store on an empty table of its own. */
export async function newStore(pool: PostgresPool, table: string = newTable()): Promise<PostgresStore> {
  const store = new PostgresStore({ pool, table, deadline: 10_000 });
  await store.migrate();
  return store;
}

export function record(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  const expiresAt = NOW + 1_000;
  const times = { created: NOW, lastAccess: NOW, lastUpdate: NOW, expiresAt };
  return { id, lineage: id, version: 0, uid: 'ada', body: '{}', ...times, ...changes };
}

export function tombstone(id: string, expiresAt: number = NOW + 1_000): Retired {
  return { id, retired: { successor: null, at: NOW }, expiresAt };
}

/** Notes what goes to a pool. */
export class Watched implements PostgresPool {
  readonly queries: PostgresQuery[] = [];
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  query(query: PostgresQuery): ReturnType<PostgresPool['query']> {
    this.queries.push(query);
    return this.#pool.query(query);
  }
}

/** A pool whose connections are notified of nothing, as through a proxy that shares them. */
export function deafPool(pool: pg.Pool): PostgresBusPool {
  return {
    query: (query) => pool.query(query),
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (query) => client.query(query),
        on: (event, listener) => (event === 'notification' ? undefined : client.on(event, listener)),
        release: (isBroken) => client.release(isBroken),
      };
    },
  };
}

/** Resolves when `count` statements wait for a lock. */
export async function untilBlocked(pool: pg.Pool, count = 1): Promise<void> {
  for (;;) {
    const { rows } = await pool.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    if (rows.length >= count) return;
  }
}
