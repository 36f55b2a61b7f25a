import { FieldsRule } from '../../../lib/rules/fields.js';
import { type Cures, strictOptions } from '../../../lib/strict-options.js';
import { wholeNumber } from '../../../lib/whole-number.js';
import { deadlineOption, type Given } from '../../shared/options.js';
import type { SqliteDatabase } from '../database.js';
import type { Durability } from '../durability.js';
import { DATABASE_CURES, databaseOption, durabilityOption, tableName } from '../options.js';

/** Where a {@link SqliteRevocationLog} keeps revocations. All durations are in ms. */
export interface SqliteRevocationLogOptions {
  /**
   * An open database of `node:sqlite`, better-sqlite3 or libsql. The log never closes it. It may be the database of a SqliteStore with the same
   * `durability`. Otherwise, give the log a connection of its own: the log changes its `busy_timeout` and `synchronous` settings, and waits
   * while the application has a transaction open on it.
   *
   * The file must be on a local disk. All processes of the machine that open the file share its revocations.
   */
  readonly database: SqliteDatabase;
  /** The name of the table: letters, digits and `_`, at most 56. Default 'revocations'. */
  readonly table?: string | undefined;
  /**
   * How soon the log reads revocations of other processes, in ms, at most 5,000. It looks for them every nine tenths of this time, so that late timers
   * do not exceed it. It is part of the time until a revocation applies everywhere. Revocations of the same log are read at once. Default 250.
   */
  readonly pollInterval?: number | undefined;
  /**
   * Which writes survive a power loss or a crash of the operating system. Every acknowledged write survives a crash of the process.
   * - 'ends' (default): every revocation.
   * - 'power': every revocation, and which processes have read it.
   * - 'crash': only what the operating system had written to disk. A session that was ended may come back.
   */
  readonly durability?: Durability | undefined;
  /** ms for which an operation is retried while other connections keep the database busy. Then it rejects with StoreUnavailable. Default 2,000. */
  readonly deadline?: number | undefined;
}

const OPTIONS = new FieldsRule({
  database: databaseOption,
  table: tableName.default('revocations'),
  pollInterval: wholeNumber('ms', 1, 5_000).default(250),
  durability: durabilityOption,
  deadline: deadlineOption,
});

/** For names that others have. */
const CURES: Cures = {
  ...DATABASE_CURES,
  interval: 'use pollInterval',
  bound: 'set bound of RevocationList',
};

/** @throws TypeError naming the option that is wrong */
export function readSqliteRevocationLogOptions(options: unknown): Given<SqliteRevocationLogOptions> {
  return strictOptions('SqliteRevocationLog', OPTIONS, options, CURES);
}
