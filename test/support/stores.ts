import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { RedisStore } from '../../src/drivers/redis/index.js';
import { SqliteStore } from '../../src/drivers/sqlite/index.js';
import { MemoryStore, type Store } from '../../src/index.js';
import { postgres } from './servers/postgres.js';
import { temporaryFolder } from './servers/program.js';
import { sharedRedis } from './servers/redis.js';
import { openDatabase } from './sqlite.js';

/** One backend, as two processes reach it: each with a client of its own, where there are clients. */
export type StorePair = readonly [Store, Store];

/** What tests must know of a store to expect the right thing of it. */
export interface StoreKind {
  readonly name: 'memory' | 'SQLite' | 'Redis' | 'PostgreSQL';
  /** Whether each operation is a way over the network and back. */
  readonly isRemote: boolean;
  /** Whether `sweep` removes what has expired; else that goes by itself, a minute later. */
  readonly isSwept: boolean;
}

interface Backend {
  /** Both without a session. */
  readonly openEmpty: () => Promise<StorePair>;
  readonly close: () => Promise<unknown>;
}

interface Maker extends StoreKind {
  readonly start: (context: Mocha.Context) => Promise<Backend>;
}

/** ms, also for starting a server on a machine that does other things too. */
const TIMEOUT = 60_000;
const DEADLINE = 20_000;
const TABLE = 'sessions_of_models';

const MAKERS: readonly Maker[] = [
  {
    name: 'memory',
    isRemote: false,
    isSwept: true,
    start: async () => {
      const store = new MemoryStore();
      return { openEmpty: () => emptied([store, store]), close: () => store.close() };
    },
  },
  {
    name: 'SQLite',
    isRemote: false,
    isSwept: true,
    start: async () => {
      const path = join(temporaryFolder(), 'sessions.sqlite');
      const databases = [openDatabase(path), openDatabase(path)] as const;
      const [one, other] = databases.map((database) => new SqliteStore({ database, deadline: DEADLINE }));
      if (one === undefined || other === undefined) throw new Error('no stores');
      await one.migrate();
      return {
        openEmpty: () => emptied([one, other]),
        close: async () => {
          for (const database of databases) database.close();
        },
      };
    },
  },
  {
    name: 'Redis',
    isRemote: true,
    isSwept: false,
    start: async (context) => {
      const { port } = await sharedRedis(context);
      const one = await createClient({ socket: { host: '127.0.0.1', port } }).connect();
      const other = new Redis({ host: '127.0.0.1', port });
      return {
        // A new prefix, because deleteAll waits until every process has asked for the epoch again.
        openEmpty: async () => {
          const options = { prefix: `${randomUUID()}:`, deadline: DEADLINE };
          return [new RedisStore({ client: one, ...options }), new RedisStore({ client: other, ...options })];
        },
        close: async () => {
          one.destroy();
          other.disconnect();
        },
      };
    },
  },
  {
    name: 'PostgreSQL',
    isRemote: true,
    isSwept: true,
    start: async (context) => {
      const { address } = await postgres(context);
      const pools = [new pg.Pool({ ...address, max: 8 }), new pg.Pool({ ...address, max: 8 })] as const;
      const [one, other] = pools.map((pool) => new PostgresStore({ pool, table: TABLE, deadline: DEADLINE }));
      if (one === undefined || other === undefined) throw new Error('no stores');
      await one.migrate();
      return { openEmpty: () => emptied([one, other]), close: () => Promise.all(pools.map((pool) => pool.end())) };
    },
  },
];

async function emptied(stores: StorePair): Promise<StorePair> {
  await stores[0].deleteAll?.();
  return stores;
}

/** The same tests on every kind of store. `open` gives it empty: what was opened before by the same tests is gone. */
export function describeOnStores(title: string, body: (open: () => Promise<StorePair>, kind: StoreKind) => void): void {
  for (const { start, ...kind } of MAKERS) {
    describe(`${title}, in ${kind.name}`, function () {
      this.timeout(TIMEOUT);
      let backend: Backend | undefined;

      before(async function () {
        backend = await start(this);
      });

      after(async () => {
        await backend?.close();
      });

      body(async () => {
        if (backend === undefined) throw new Error('not started');
        return await backend.openEmpty();
      }, kind);
    });
  }
}
