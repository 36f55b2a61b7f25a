import type pg from 'pg';
import type { SuiteRunner } from '../../../src/testing/index.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

/** What a suite of `sessions-jwt/testing` needs here. */
interface SuiteOptions<Kind> {
  readonly runner: SuiteRunner;
  readonly name: string;
  readonly create: () => Promise<Kind>;
}

/** The pools that every suite runs on, by name. */
const POOLS: readonly (readonly [name: string, options: pg.PoolConfig])[] = [
  ['on a Pool', {}],
  ['in a database that is serializable', { options: '-c default_transaction_isolation=serializable' }],
];

/** Runs a suite on several pools, and on those of `more`. `build` makes what is tested, of a Pool and a table. */
export function suiteOnPools<Port>(
  what: string,
  suite: (options: SuiteOptions<Port>) => void,
  build: (pool: pg.Pool, table: string) => Port & { migrate(): Promise<void> },
  more: typeof POOLS = [],
): void {
  describe(what, () => {
    let server: PostgresServer;

    before(async function () {
      server = await postgres(this);
    });

    after(async () => {
      await closePools();
    });

    for (const [name, options] of [...POOLS, ...more]) {
      const table = newTable();
      suite({
        runner: { describe, it, before, after },
        name,
        create: async () => {
          const built = build(openPool(server, options), table);
          await built.migrate();
          return built;
        },
      });
    }
  });
}
