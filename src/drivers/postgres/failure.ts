import { SessionError, StoreUnavailable } from '../../errors.js';
import { causeOf, codeOf } from '../shared/failure.js';

/** What to do about a failure, by its SQLSTATE. */
const CURES: Readonly<Record<string, string>> = {
  // The table, or a column of it.
  '42P01': ': call migrate() before the first use',
  '42703': ': call migrate() after an upgrade',
};

/** @throws StoreUnavailable, or `error` where that is an error of this package */
export function fail(error: unknown): never {
  if (error instanceof SessionError) throw error;
  const code = codeOf(error);
  // PostgreSQL repeats the values of a query in `detail`, `where` and other properties.
  throw new StoreUnavailable(`PostgreSQL failed (${code ?? 'no code'})${CURES[code ?? ''] ?? ''}`, causeOf(error));
}
