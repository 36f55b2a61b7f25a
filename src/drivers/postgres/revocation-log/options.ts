import { FieldsRule } from '../../../lib/rules/fields.js';
import { text } from '../../../lib/rules/kinds.js';
import { type Cures, hasMethods, strictOptions } from '../../../lib/strict-options.js';
import { wholeNumber } from '../../../lib/whole-number.js';
import { clientOption, deadlineOption, type Given } from '../../shared/options.js';
import type { PostgresBusPool } from '../bus/pool.js';
import type { PostgresPool } from '../pool.js';
import { isTableName } from '../table-name.js';

/** The port promises a batch every few seconds. */
const LONGEST_INTERVAL = 5_000;

/** Where a {@link PostgresRevocationLog} keeps revocations. */
export interface PostgresRevocationLogOptions {
  /**
   * A `pg` Pool, set up as for a PostgresStore. The log never closes it. While the log is read, it occupies one of the connections, to be notified of new
   * entries; with a `max` of 1, or a Client in place of the Pool, it only polls.
   */
  readonly pool: PostgresPool | PostgresBusPool;
  /**
   * The name of the table, with or without its schema: `'app.session_revocations'`. Letters, digits and `_`. The names of the other tables begin with it.
   * Default 'session_revocations'.
   */
  readonly table?: string | undefined;
  /** ms between two reads without a notification, up to 5,000. Default 1,000. */
  readonly pollInterval?: number | undefined;
  /** ms after which an operation rejects with StoreUnavailable. An append that was given up may still happen. Default 2,000. */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  pool: clientOption<PostgresPool | PostgresBusPool>(
    (pool) => hasMethods(pool, 'query'),
    'a pg Pool',
    'a connection string is not a pool: pass new pg.Pool({ connectionString })',
  ),
  table: text()
    .check(
      isTableName,
      "must be at most 56 letters, digits and _, as in 'session_revocations' or 'app.session_revocations'",
    )
    .default('session_revocations'),
  pollInterval: wholeNumber('ms', 1, LONGEST_INTERVAL).default(1_000),
  deadline: deadlineOption,
});

const CURES: Cures = {
  client: 'pass the Pool as the option pool',
  connectionString: 'pass a Pool, { pool: new pg.Pool({ connectionString }) }',
  tableName: 'use table',
  schemaName: "name the schema in table, as in 'app.session_revocations'",
  interval: 'use pollInterval',
};

/** @throws TypeError naming the option that is wrong */
export function readPostgresRevocationLogOptions(options: unknown): Given<PostgresRevocationLogOptions> {
  return strictOptions('PostgresRevocationLog', OPTIONS, options, CURES);
}
