import { rowsOf, type SqliteDatabase } from './database.js';

/** The statements that change a schema from one version to the next. */
export type SchemaStep = (table: string) => string;

/** The steps of a store's table. */
export const SESSIONS: readonly SchemaStep[] = [createSessions];

/**
 * The partial indexes contain only sessions of users, and entries that expire.
 *
 * Every access moves `expires_at`, so no index contains it. The sweep searches `due_at` instead, which is never later than `expires_at`. A write
 * changes `due_at` only when the session will expire earlier. The sweep moves it forward when the session is still alive. So most writes
 * change no index.
 */
function createSessions(table: string): string {
  return `
    CREATE TABLE "${table}" (
      id          TEXT NOT NULL PRIMARY KEY,
      lineage     TEXT NOT NULL,
      version     INTEGER NOT NULL,
      uid         TEXT,             -- NULL = nobody is signed in
      created     INTEGER NOT NULL, -- this and all times: ms timestamps
      last_access INTEGER NOT NULL,
      last_update INTEGER NOT NULL,
      expires_at  INTEGER,          -- NULL = never
      due_at      INTEGER,          -- NULL = never
      retired_at  INTEGER,          -- NULL = a session, else a tombstone
      successor   TEXT,
      reason      ANY,              -- text, or a blob of UTF-16
      body        ANY NOT NULL      -- JSON text, or a blob of UTF-16
    ) STRICT;
    CREATE INDEX "${table}_user" ON "${table}" (uid, lineage, id) WHERE uid IS NOT NULL;
    CREATE INDEX "${table}_due" ON "${table}" (due_at) WHERE due_at IS NOT NULL;`;
}

/** Runs all missing steps; to be called in a transaction. A second table records the version. A newer schema stays as it is. */
export function migrate(database: SqliteDatabase, table: string, steps: readonly SchemaStep[]): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS "${table}_schema" (
      version INTEGER NOT NULL PRIMARY KEY, migrated TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) STRICT`);
  const [row] = rowsOf(database.prepare(`SELECT coalesce(max(version), 0) AS version FROM "${table}_schema"`));
  const done = Number(row?.['version']);
  for (const [at, step] of steps.entries()) {
    if (at < done) continue;
    database.exec(step(table));
    database.exec(`INSERT INTO "${table}_schema" (version) VALUES (${at + 1})`);
  }
}
