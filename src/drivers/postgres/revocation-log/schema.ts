import { newId } from '../../../lib/id.js';
import { migrationOf } from '../schema.js';
import type { RevocationTables } from './tables.js';

/**
 * Times are ms timestamps. `added_at` is of the server's clock; `due_at` comes from the application's, as do those in the JSON. The row of the head is rewritten by every append, in a page that has room
 * for that.
 */
export function revocationMigration({ name, entries, head, readers }: RevocationTables): string {
  return migrationOf(name, [
    `
    CREATE TABLE ${head} (
      last    bigint NOT NULL,   -- the number of the last entry
      nonce   integer NOT NULL,  -- of the last entry
      is_head boolean PRIMARY KEY CHECK (is_head),
      log     text NOT NULL
    ) WITH (fillfactor = 10);
    INSERT INTO ${head} VALUES (0, 0, true, '${newId()}');
    CREATE TABLE ${entries} (
      seq      bigint PRIMARY KEY,
      added_at bigint NOT NULL,
      due_at   bigint,            -- when it may be removed, null = never
      nonce    integer NOT NULL,  -- so that an entry is told from another one of the same number
      line     text NOT NULL      -- the name of the entry, a space, and its JSON, so that a page only has to be joined
    );
    CREATE INDEX ${name.index('_due')} ON ${entries} (due_at) WHERE due_at IS NOT NULL;
    CREATE TABLE ${readers} (
      due_at bigint NOT NULL,
      seq    bigint,  -- null = it has read nothing
      log    text COLLATE "C",
      reader text COLLATE "C" PRIMARY KEY
    ) WITH (fillfactor = 50);`,
  ]);
}
