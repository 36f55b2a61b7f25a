import { FieldsRule } from '../../lib/rules/fields.js';
import { text } from '../../lib/rules/kinds.js';
import { type Cures, hasMethods, strictOptions } from '../../lib/strict-options.js';
import { clientOption, deadlineOption, type Given } from '../shared/options.js';
import type { PostgresPool } from './pool.js';
import { isTableName } from './table-name.js';

/** Where a {@link PostgresStore} keeps sessions. */
export interface PostgresStoreOptions {
  /**
   * A `pg` Pool. A connected Client also works, if it is in no transaction and does one operation at a time; it does not reconnect, as a Pool
   * does. The store never closes it. The application must:
   * - listen to its 'error' event. Without a listener, Node.js exits when an idle connection breaks, as when the server restarts;
   * - set its `connectionTimeoutMillis` to about `deadline`. Without it, a query that waits for a free connection may run after its caller
   *   was told that it failed;
   * - set its `statement_timeout` to about `deadline`. Without it, a statement that waits for a lock keeps waiting in the server, and
   *   occupies a connection, after the store has given it up.
   */
  readonly pool: PostgresPool;
  /**
   * The name of the table, with or without its schema: `'app.sessions'`. Letters, digits and `_`; PostgreSQL does not fold it to lower case.
   * The schema must exist. Default 'sessions'.
   */
  readonly table?: string | undefined;
  /** ms after which an operation rejects with StoreUnavailable. Default 2,000. */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  pool: clientOption<PostgresPool>(
    (pool) => hasMethods(pool, 'query'),
    'a pg Pool or Client',
    'a connection string is not a pool: pass new pg.Pool({ connectionString })',
  ),
  table: text()
    .check(isTableName, "must be at most 56 letters, digits and _, as in 'sessions' or 'app.sessions'")
    .default('sessions'),
  deadline: deadlineOption,
});

/** For names that other stores have. */
const CURES: Cures = {
  client: 'pass the Pool or Client as the option pool',
  connectionString: 'pass a Pool, { pool: new pg.Pool({ connectionString }) }',
  conString: 'pass a Pool, { pool: new pg.Pool({ connectionString }) }',
  conObject: 'pass a Pool, { pool: new pg.Pool(config) }',
  tableName: 'use table',
  schemaName: "name the schema in table, as in 'app.sessions'",
  createTableIfMissing: 'call await store.migrate() when the application starts',
  ttl: 'set idleTimeout and absoluteTimeout of ServerSessionStorage',
  pruneSessionInterval: 'set sweepInterval of ServerSessionStorage',
  disableTouch: 'set timeoutResolution of ServerSessionStorage, which limits how often lastAccess is written',
};

/** @throws TypeError naming the option that is wrong */
export function readPostgresStoreOptions(options: unknown): Given<PostgresStoreOptions> {
  return strictOptions('PostgresStore', OPTIONS, options, CURES);
}
