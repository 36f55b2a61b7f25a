import { FieldsRule } from '../../../lib/rules/fields.js';
import { text } from '../../../lib/rules/kinds.js';
import { type Cures, hasMethods, strictOptions } from '../../../lib/strict-options.js';
import { clientOption, deadlineOption, type Given } from '../../shared/options.js';
import { isTableName } from '../table-name.js';
import type { PostgresBusPool } from './pool.js';

/** Where a {@link PostgresBus} keeps messages. */
export interface PostgresBusOptions {
  /**
   * A `pg` Pool, set up as for a PostgresStore. The bus never closes it. A process that connects to the bus occupies one of its connections, to
   * hear of messages; so `max` must be at least 2.
   */
  readonly pool: PostgresBusPool;
  /**
   * The name of the table of messages, with or without its schema: `'app.sessions_bus'`. Letters, digits and `_`. The names of the other tables begin
   * with it. Default 'sessions_bus'.
   */
  readonly table?: string | undefined;
  /** ms after which an operation rejects with StoreUnavailable. Something that was given up may still happen. Default 2,000. */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  pool: clientOption<PostgresBusPool>(
    (pool) => hasMethods(pool, 'query', 'connect'),
    'a pg Pool',
    'a connection string is not a pool: pass new pg.Pool({ connectionString })',
  ),
  table: text()
    .check(isTableName, "must be at most 56 letters, digits and _, as in 'sessions_bus' or 'app.sessions_bus'")
    .default('sessions_bus'),
  deadline: deadlineOption,
});

const CURES: Cures = {
  client: 'pass the Pool as the option pool',
  connectionString: 'pass a Pool, { pool: new pg.Pool({ connectionString }) }',
  tableName: 'use table',
  schemaName: "name the schema in table, as in 'app.sessions_bus'",
};

/** @throws TypeError naming the option that is wrong */
export function readPostgresBusOptions(options: unknown): Given<PostgresBusOptions> {
  return strictOptions('PostgresBus', OPTIONS, options, CURES);
}
