import type { TableName } from './table-name.js';

/** What brings a database from each version of the schema to the next: the first of these makes version 1. */
const STEPS: readonly ((table: TableName) => string)[] = [createSessions, indexLineages];

/**
 * Columns of fixed length come first, which saves some bytes of each row. Ids and uids are compared byte by byte ("C"): faster than by
 * a language's rules, and an update of the operating system cannot change their order under an index. Times are ms timestamps.
 *
 * `body` is text: jsonb refuses U+0000 and lone surrogates, and gives back other characters than it was given.
 *
 * What a request writes is in no index, and a tenth of each page is left free for it, so that PostgreSQL writes the new version of a row next
 * to the old one and to no index at all (HOT). Therefore the sweep does not look for `expires_at`, which every access moves, but for
 * `due_at`: an instant not later than that, at which the row is looked at again. An access that moves the end of a session farther
 * away leaves it alone; the sweep moves it when it is reached. Measured against an index of `expires_at`: 0.4 times the
 * write-ahead log and 0.65 times the CPU of an update, and indexes that do not grow.
 */
function createSessions(table: TableName): string {
  return `
    CREATE TABLE ${table.quoted} (
      version     bigint NOT NULL,
      created     bigint NOT NULL,
      last_access bigint NOT NULL,
      last_update bigint NOT NULL,
      expires_at  bigint,            -- null = never
      due_at      bigint,            -- null = never
      retired_at  bigint,            -- null = a session, else a tombstone
      id          text COLLATE "C" PRIMARY KEY,
      lineage     text COLLATE "C" NOT NULL,
      uid         text COLLATE "C",  -- null = nobody is signed in
      successor   text COLLATE "C",
      reason      text,              -- as JSON
      body        text NOT NULL
    ) WITH (fillfactor = 90);
    CREATE INDEX ${table.index('_uid')} ON ${table.quoted} (uid) WHERE uid IS NOT NULL AND retired_at IS NULL;
    CREATE INDEX ${table.index('_due_at')} ON ${table.quoted} (due_at) WHERE due_at IS NOT NULL;`;
}

/**
 * With the lineage, one session of a user is found, and all are read page by page, however many there are. No request changes a lineage. The old
 * index goes last: sessions can be read while the new one is built.
 */
function indexLineages(table: TableName): string {
  return `
    CREATE INDEX ${table.index('_user')} ON ${table.quoted} (uid, lineage) WHERE uid IS NOT NULL AND retired_at IS NULL;
    DROP INDEX ${table.beside('_uid')};`;
}

/** Any two numbers that nobody else takes: these are the bytes of 'sess' and 'jwt'. */
const LOCK = '1936028531, 6977396';

/**
 * The whole of a migration, as one transaction. The first of several processes does what is to be done while the others wait; READ COMMITTED, so
 * that they see what it did. The steps done are kept in a table beside, and a database that is newer than this release is left alone.
 */
export function migration(table: TableName): string {
  const steps = table.beside('_schema');
  return `SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
DO $migration$
DECLARE
  done integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK});
  IF to_regclass('${steps}') IS NULL THEN
    CREATE TABLE ${steps} (version integer PRIMARY KEY, migrated timestamptz NOT NULL DEFAULT now());
  END IF;
  SELECT coalesce(max(version), 0) INTO done FROM ${steps};
${STEPS.map((step, at) => `  IF done < ${at + 1} THEN${step(table)}\n    INSERT INTO ${steps} VALUES (${at + 1});\n  END IF;`).join('\n')}
END
$migration$`;
}
