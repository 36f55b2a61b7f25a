import { newId } from '../../../lib/id.js';
import { migrationOf } from '../schema.js';
import type { BusTables } from './tables.js';

/**
 * Names are SHA-256 digests, except in the table of tabs. `number` is in µs and orders all messages. Bodies and values are JSON, because PostgreSQL's
 * text cannot carry U+0000. The row of state is rewritten by every message, in a page that has room for that.
 */
export function busMigration({ name, messages, state, topics, values, tabs }: BusTables): string {
  return migrationOf(name, [
    `
    CREATE TABLE ${state} (
      last  bigint NOT NULL,
      epoch text NOT NULL
    ) WITH (fillfactor = 10);
    INSERT INTO ${state} VALUES (0, '${newId()}');
    CREATE TABLE ${messages} (
      number bigint PRIMARY KEY,
      topic  text COLLATE "C" NOT NULL,
      body   text NOT NULL
    );
    CREATE INDEX ${name.index('_topic')} ON ${messages} (topic, number);
    CREATE TABLE ${topics} (
      last   bigint NOT NULL,        -- the number of the last message
      gone   bigint NOT NULL,        -- the number of the last message that is not kept
      due_at bigint NOT NULL,        -- when no message is kept any more
      topic  text COLLATE "C" PRIMARY KEY
    ) WITH (fillfactor = 90);
    CREATE INDEX ${name.index('_due_m')} ON ${topics} (due_at);
    CREATE TABLE ${values} (
      due_at bigint NOT NULL,
      key    text COLLATE "C" PRIMARY KEY,
      value  text NOT NULL
    );
    CREATE INDEX ${name.index('_due_v')} ON ${values} (due_at);
    CREATE TABLE ${tabs} (
      at         bigint NOT NULL,
      open_until bigint NOT NULL,
      due_at     bigint NOT NULL,
      is_visible boolean,
      lineage    text COLLATE "C" NOT NULL,
      instance   text COLLATE "C" NOT NULL,
      uid        text COLLATE "C",
      PRIMARY KEY (lineage, instance)
    ) WITH (fillfactor = 90);
    CREATE INDEX ${name.index('_at')} ON ${tabs} (at);
    CREATE INDEX ${name.index('_due_t')} ON ${tabs} (due_at);`,
  ]);
}
