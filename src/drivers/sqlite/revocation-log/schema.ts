import type { SchemaStep } from '../schema.js';

/** ms timestamp: now, on the clock that `Date.now()` shows. */
const NOW = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`;
const NEW_ID = 'lower(hex(randomblob(8)))';

/** The steps of a log's tables. */
export const REVOCATIONS: readonly SchemaStep[] = [createRevocations];

/**
 * Writers take turns, so entries are committed in the order of `seq`. AUTOINCREMENT never uses a number again, unless an older copy of the table is
 * restored. Then the random `mark` shows that an entry is another one than that of a position.
 *
 * The id is part of every position. A new file or a new table has another id, and so has a table that lost entries before their time: the
 * trigger notices when somebody empties it.
 */
function createRevocations(table: string): string {
  return `
    CREATE TABLE "${table}" (
      seq   INTEGER PRIMARY KEY AUTOINCREMENT,
      mark  INTEGER NOT NULL DEFAULT (abs(random() % 1000000000)),
      until INTEGER,                           -- ms timestamp, NULL = never removed
      entry TEXT NOT NULL                      -- JSON
    ) STRICT;
    CREATE INDEX "${table}_until" ON "${table}" (until) WHERE until IS NOT NULL;
    CREATE TABLE "${table}_log" (id TEXT NOT NULL) STRICT;
    INSERT INTO "${table}_log" (id) VALUES (${NEW_ID});
    CREATE TRIGGER "${table}_lost" AFTER DELETE ON "${table}" WHEN old.until IS NULL OR old.until > ${NOW} BEGIN
      UPDATE "${table}_log" SET id = ${NEW_ID};
    END;
    CREATE TABLE "${table}_readers" (
      reader ANY NOT NULL PRIMARY KEY,         -- text, or a blob of UTF-16
      log    TEXT NOT NULL,                    -- the id of the log that it has read
      seq    INTEGER NOT NULL,                 -- how far; 0 = nothing yet
      until  INTEGER NOT NULL                  -- ms timestamp: forgotten from then on
    ) STRICT;`;
}
