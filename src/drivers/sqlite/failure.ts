import { SessionError, StoreUnavailable } from '../../errors.js';
import { causeOf, codeOf } from '../shared/failure.js';
import { CLOSED } from './database.js';

/** What to do about a failure, by how its message begins. */
const CURES: readonly (readonly [beginning: string, cure: string])[] = [
  ['no such table', 'call migrate() before the first use'],
  ['no such column', 'call migrate() after an upgrade'],
  ['database is not open', CLOSED],
  ['attempt to write a readonly database', 'open it for writing, as a user who may write to its file and folder'],
  ['file is not a database', 'the file has other content than a SQLite database, or is encrypted'],
];

/** Result codes of SQLite, by their number: https://www.sqlite.org/rescode.html */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'SQLITE_ERROR'],
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [11, 'SQLITE_CORRUPT'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
  [15, 'SQLITE_PROTOCOL'],
  [26, 'SQLITE_NOTADB'],
]);

/** The result code of an error; `undefined` when it is not an error of SQLite. */
function resultCodeOf(error: unknown): string | undefined {
  const number: unknown = Reflect.get(Object(error), 'errcode');
  // The last byte of an extended result code is the primary one.
  if (typeof number === 'number') return NAMES.get(number & 0xff) ?? `SQLite error ${number}`;
  return codeOf(error);
}

/**
 * Whether another connection or transaction holds a lock, so that a retry helps. PROTOCOL: two connections opened the log at the same time. SQLite sends
 * the message when a transaction of the application's is open on this connection.
 */
export function isBusy(error: unknown): boolean {
  const isLocked = /^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/.test(resultCodeOf(error) ?? '');
  return isLocked || (error instanceof Error && error.message.includes('transaction within a transaction'));
}

/** The error that callers of the store or the log get. Messages of SQLite contain names of tables and columns, but no values. */
export function unavailable(error: unknown): SessionError {
  if (error instanceof SessionError) return error;
  const code = resultCodeOf(error);
  const cause = causeOf(error, { code });
  const [, cure] = CURES.find(([beginning]) => cause.message.startsWith(beginning)) ?? [];
  return new StoreUnavailable(`SQLite failed (${code ?? 'no code'})${cure === undefined ? '' : `: ${cure}`}`, cause);
}
