import type { TableName } from './table-name.js';

/** The steps from each version of the schema to the next. The first one creates version 1. */
const STEPS: readonly ((table: TableName) => string)[] = [createSessions, indexLineages];

/**
 * Columns of fixed length come first, which saves bytes in each row. Ids and uids have the collation "C", which compares bytes: it is faster than
 * the rules of a language, and an update of the operating system cannot change its order under an index. Times are ms timestamps.
 *
 * `body` is text, because jsonb rejects U+0000 and lone surrogates, and does not return the same characters.
 *
 * Columns that requests write are in no index, and a tenth of each page stays free. So PostgreSQL can write the new version of a row into the same
 * page, and needs no change of an index (HOT). Every access moves `expires_at`, so the sweep searches `due_at` instead, which is never later. An
 * access that extends the session leaves `due_at` alone; the sweep moves it when it is reached. Compared with an index on `expires_at`, an
 * update takes 0.4 times the write-ahead log and 0.65 times the CPU, and the indexes do not grow.
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
 * With the lineage in the index, one session of a user is found, and all are read page by page, at a cost that does not depend on their number. No
 * request changes a lineage. The old index is dropped last, so that sessions can be read while the new one is built.
 */
function indexLineages(table: TableName): string {
  return `
    CREATE INDEX ${table.index('_user')} ON ${table.quoted} (uid, lineage) WHERE uid IS NOT NULL AND retired_at IS NULL;
    DROP INDEX ${table.beside('_uid')};`;
}

/** The key of the advisory lock: two numbers that are unlikely to be used by others, the bytes of 'sess' and 'jwt'. */
const LOCK = '1936028531, 6977396';

/** The migration of a store, see {@link migrationOf}. */
export function migration(table: TableName): string {
  return migrationOf(
    table,
    STEPS.map((step) => step(table)),
  );
}

/**
 * A migration, as one transaction. The first of several processes runs the missing steps while the others wait. READ COMMITTED lets them see
 * its result. A second table records the version. A schema that is newer than this release stays as it is.
 */
export function migrationOf(table: TableName, all: readonly string[]): string {
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
${all.map((step, at) => `  IF done < ${at + 1} THEN${step}\n    INSERT INTO ${steps} VALUES (${at + 1});\n  END IF;`).join('\n')}
END
$migration$`;
}
