import { rowsOf, type SqliteDatabase } from './database.js';

/** What takes a database from each version of the schema to the next. */
const STEPS: readonly ((table: string) => string)[] = [createSessions];

/**
 * The partial indexes hold what is needed: sessions of users, and entries that expire.
 *
 * An access moves `expires_at`, so that no index has it. The sweep looks for `due_at`, an instant that is never later: it only moves when a
 * session comes to expire earlier, and the sweep moves it forward when it finds the session alive. So most writes change no index.
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

/** Does all steps that have not been done; to be run in a transaction. The steps done are kept in a table beside; a newer database is left alone. */
export function migrate(database: SqliteDatabase, table: string): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS "${table}_schema" (
      version INTEGER NOT NULL PRIMARY KEY, migrated TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) STRICT`);
  const [row] = rowsOf(database.prepare(`SELECT coalesce(max(version), 0) AS version FROM "${table}_schema"`));
  const done = Number(row?.['version']);
  for (const [at, step] of STEPS.entries()) {
    if (at < done) continue;
    database.exec(step(table));
    database.exec(`INSERT INTO "${table}_schema" (version) VALUES (${at + 1})`);
  }
}
