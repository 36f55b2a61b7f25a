import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { SqliteStore, type SqliteStoreOptions } from '../../../src/drivers/sqlite/index.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { compiled } from '../../support/compiled.js';
import { temporaryFolder } from '../../support/servers/program.js';
import { type OpenDatabase, openDatabase } from '../../support/sqlite.js';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** The arguments with which Node runs the other process of these tests, child.ts. */
export function childArguments(work: string, ...others: readonly string[]): string[] {
  // Node 22 warns that its SQLite is experimental.
  return ['--disable-warning=ExperimentalWarning', compiled(CHILD), work, ...others];
}

/** A process that opens and closes the file without a pause, until it is killed. It says when it has begun. */
export function churn(path: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, childArguments('churn', path), { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** ms; a process that holds the lock may have to wait for a processor. */
const PATIENCE = 60_000;

const folder = temporaryFolder();
let files = 0;

/** A path at which there is nothing yet. */
export function newPath(): string {
  files += 1;
  return join(folder, `${files}.sqlite`);
}

/** A store with its table, and the connection that is its own. */
export interface OpenStore {
  readonly path: string;
  readonly database: OpenDatabase;
  readonly store: SqliteStore;
}

export async function openStore(
  path: string = newPath(),
  options: Partial<SqliteStoreOptions> = {},
): Promise<OpenStore> {
  const database = openDatabase(path);
  const store = new SqliteStore({ database, deadline: PATIENCE, ...options });
  await store.migrate();
  return { path, database, store };
}

export function record(id: string, fields: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: 1_000, lastAccess: 1_000, lastUpdate: 1_000, expiresAt: 2_000 };
  return { id, lineage: `lineage-of-${id}`, version: 0, uid: 'ann', body: '{}', ...times, ...fields };
}

/** What SQLite, and the rules of the table, say against a file; nothing when all is well. */
export function problemsIn(database: OpenDatabase, table = 'sessions'): readonly unknown[] {
  const check = database.prepare('PRAGMA integrity_check').all();
  const isSound = JSON.stringify(check).includes('"ok"');
  const misfiled = database
    .prepare(
      `SELECT id, expires_at, due_at, uid, retired_at FROM "${table}" WHERE (due_at IS NULL AND expires_at IS NOT NULL)
        OR due_at > expires_at OR (retired_at IS NOT NULL AND (uid IS NOT NULL OR expires_at IS NULL))`,
    )
    .all();
  return isSound ? misfiled : [...check, ...misfiled];
}
