import { join } from 'node:path';
import pg from 'pg';
import { createClient } from 'redis';
import type { RevocationLog } from '../../src/ports/revocation-log.js';
import { openDatabase } from '../../test/support/sqlite.js';

const SQLITE: string = 'sessions-jwt/sqlite';
const REDIS: string = 'sessions-jwt/redis';
const POSTGRES: string = 'sessions-jwt/postgres';
const { SqliteRevocationLog }: typeof import('../../src/drivers/sqlite/index.js') = await import(SQLITE);
const { RedisRevocationLog }: typeof import('../../src/drivers/redis/index.js') = await import(REDIS);
const { PostgresRevocationLog }: typeof import('../../src/drivers/postgres/index.js') = await import(POSTGRES);

/** The logs that processes can share. */
export const LOGS = ['SqliteRevocationLog', 'RedisRevocationLog', 'PostgresRevocationLog'] as const;
export type LogName = (typeof LOGS)[number];

/** A log with its defaults, and a connection of its own. */
export interface OpenLog {
  readonly log: RevocationLog;
  /** Stores so many revocations in a log that is empty: much faster than appends, and with the same result. */
  fill(count: number): Promise<void>;
  close(): Promise<void>;
}

/** How much Redis is given at a time. */
const BATCH = 10_000;
const WEEK = 604_800_000;

/** `place`: the folder of the SQLite file, or the address of the server. */
export const OPEN: Readonly<Record<LogName, (place: string) => Promise<OpenLog>>> = {
  async SqliteRevocationLog(place) {
    const database = openDatabase(join(place, 'revocations.sqlite'));
    const log = new SqliteRevocationLog({ database });
    await log.migrate();
    return {
      log,
      async fill(count) {
        const insert = database.prepare('INSERT INTO revocations (until, entry) VALUES (?, ?) RETURNING seq');
        database.exec('BEGIN');
        for (const { until, text } of signOuts(count)) insert.all(until, text);
        database.exec('COMMIT');
      },
      async close() {
        await log.close();
        database.close();
      },
    };
  },

  async RedisRevocationLog(place) {
    const client = await createClient({ url: place }).connect();
    const log = new RedisRevocationLog({ client });
    return {
      log,
      async fill(count) {
        for (const some of inBatches(signOuts(count))) {
          const members = some.map(({ at, until, text }, index) => {
            return { score: 0, value: `${digits(at, 15)}-${digits(index, 16)} ${until} ${text}` };
          });
          await client.zAdd('sessions:{revocations}:entries', members);
        }
      },
      async close() {
        await log.close();
        client.destroy();
      },
    };
  },

  async PostgresRevocationLog(place) {
    const pool = new pg.Pool({ connectionString: place });
    const log = new PostgresRevocationLog({ pool });
    await log.migrate();
    return {
      log,
      async fill(count) {
        let last = 0;
        for (const some of inBatches(signOuts(count))) {
          const columns = [some.map(({ at }) => at), some.map(({ until }) => until), some.map(({ text }) => text)];
          await pool.query(
            `INSERT INTO session_revocations (seq, added_at, due_at, nonce, line)
             SELECT ${last} + number, added, due, 1, ${last} + number || '.1 ' || text
             FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS entry (added, due, text, number)`,
            columns,
          );
          last += some.length;
        }
        // PostgreSQL does so by itself within a minute, and would while the log is being read.
        await pool.query('VACUUM (ANALYZE) session_revocations');
      },
      async close() {
        await log.close();
        await pool.end();
      },
    };
  },
};

/** A revocation, and the text that logs keep of it. */
interface SignOut {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/** Revocations of sessions that last for a week and signed out during the last week, the oldest first. */
function* signOuts(count: number): Generator<SignOut> {
  const start = Date.now() - WEEK;
  for (let index = 0; index < count; index += 1) {
    const at = start + Math.ceil(((index + 1) * WEEK) / count);
    const until = at + WEEK;
    const lineage = `signed-out-${digits(index, 13)}`;
    yield { at, until, text: JSON.stringify({ at, until, reason: 'signed out', lineage }) };
  }
}

function* inBatches<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, '0');
}
