import { SqliteRevocationLog, type SqliteRevocationLogOptions } from '../../../src/drivers/sqlite/index.js';
import type { NewRevocation, Revocation } from '../../../src/index.js';
import { type OpenDatabase, openDatabase } from '../../support/sqlite.js';
import { newPath } from './support.js';

const HOUR = 3_600_000;
/** ms; a process that holds the lock may have to wait for a processor. */
const PATIENCE = 60_000;

/** A log with its tables, and the connection that is its own. */
export interface OpenLog {
  readonly path: string;
  readonly database: OpenDatabase;
  readonly log: SqliteRevocationLog;
}

export async function openLog(
  path: string = newPath(),
  options: Partial<SqliteRevocationLogOptions> = {},
): Promise<OpenLog> {
  const database = openDatabase(path);
  const log = new SqliteRevocationLog({ database, deadline: PATIENCE, ...options });
  await log.migrate();
  return { path, database, log };
}

/** The revocation of a session, needed for an hour. */
export function revocation(lineage: string, fields: Partial<NewRevocation> = {}): NewRevocation {
  const now = Date.now();
  return { at: now, until: now + HOUR, reason: 'revoked', match: { lineage }, ...fields };
}

/** The lineages of entries. */
export function lineagesOf(entries: readonly Revocation[]): string[] {
  return entries.map(({ match }) => ('lineage' in match ? match.lineage : 'another kind'));
}

/** The entries that are stored after a position. */
export async function storedIn(log: SqliteRevocationLog, after: string | null = null): Promise<readonly Revocation[]> {
  const stopping = new AbortController();
  const entries: Revocation[] = [];
  for await (const batch of log.read(after, stopping.signal)) {
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  stopping.abort();
  return entries;
}

/** A read that goes on, batch by batch. */
export function reading(log: SqliteRevocationLog, after: string | null = null): AsyncIterator<readonly Revocation[]> {
  return log.read(after, new AbortController().signal)[Symbol.asyncIterator]();
}

/** Reads on until the lineage is found, or the read throws. */
export async function found(
  read: AsyncIterator<readonly Revocation[]>,
  lineage: string,
): Promise<readonly Revocation[]> {
  for (const entries: Revocation[] = []; ; ) {
    const { done, value } = await read.next();
    if (done) throw new Error('the read ended');
    entries.push(...value);
    if (lineagesOf(entries).includes(lineage)) return entries;
  }
}
