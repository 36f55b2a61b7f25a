import { SessionError, StoreUnavailable } from '../../errors.js';
import { causeOf, codeOf } from '../shared/failure.js';

/** What to do about a failure, by its SQLSTATE. */
const CURES: Readonly<Record<string, string>> = {
  // The table, or a column of it.
  '42P01': ': call migrate() before the first use',
  '42703': ': call migrate() after an upgrade',
  '42P07': ': another application has a table of this name: set the option table',
  '42501': ': the role lacks a right on the table, or the right to create it',
  '3D000': ': create the database that the pool names',
  '3F000': ': create the schema that the option table names',
};

/** The error of `pg` for a query that was not answered within `query_timeout`. */
const NO_ANSWER = 'Query read timeout';

/** @throws StoreUnavailable, or `error` where that is an error of this package */
export function fail(error: unknown): never {
  if (error instanceof SessionError) throw error;
  const code = codeOf(error);
  // PostgreSQL repeats the values of a query in `detail`, `where` and other properties.
  const cause = causeOf(error);
  if (cause.message === NO_ANSWER) {
    throw new StoreUnavailable('PostgreSQL did not answer in time: if the pool is a Client, connect it first', cause);
  }
  throw new StoreUnavailable(`PostgreSQL failed (${code ?? 'no code'})${CURES[code ?? ''] ?? ''}`, cause);
}
