import { RETENTION } from '../../shared/newest-entry.js';
import { NOW } from '../bus/clock.js';
import { prepared, type Statement, unknown } from '../statements.js';
import type { RevocationTables } from './tables.js';

/** The maximum number of entries in one round trip. */
export const PAGE = 4_000;
/** The maximum number of entries that one statement removes. */
export const BATCH = 500;
/** ms for which an entry stays after `until`: the clocks of PostgreSQL and of the application may differ. */
const MARGIN = 60_000;

export interface RevocationStatements {
  /**
   * name of a new log, nonce of the entries, entries, number, nonce, log -> log, last, nonce
   *
   * The entries are JSON: [[until, text], ...]. The last three parameters name the newest known entry; the number 0 stands for none. The last entry
   * gets the number `last`. Those before it get the numbers before that.
   */
  readonly append: Statement;
  /**
   * number after which to read; then number (0 = none) and nonce of two entries that must be there -> log, last, nonce, is_standby, is_whole, and entries: a
   * line with name and text of each
   */
  readonly read: Statement;
  /** name of a new log -> nothing. It changes nothing when there is a head. */
  readonly restoreHead: Statement;
  /** -> a row for each entry that was removed */
  readonly remove: Statement;
  /** reader, log, number, life */
  readonly seen: Statement;
  /** reader */
  readonly left: Statement;
  /** log, number -> readers, none when it is another log */
  readonly behind: Statement;
}

export function revocationStatements({ entries, head, readers, channel }: RevocationTables): RevocationStatements {
  const has = (seq: string, nonce: string): string => {
    return `(${seq}::bigint = 0 OR EXISTS (SELECT FROM ${entries} WHERE seq = ${seq} AND nonce = ${nonce}::integer))`;
  };
  const forgotten = `DELETE FROM ${readers} WHERE reader IN (
    SELECT reader FROM ${readers} WHERE due_at <= ${NOW} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  return {
    // An append locks the head until its entries are visible. So entries become visible in the order of their numbers. When the known entry is gone,
    // entries were lost: then the log gets another name, and every process notices.
    append: prepared(`
      WITH head AS (
        INSERT INTO ${head} AS known (last, nonce, is_head, log)
        SELECT coalesce(max(seq), 0) + json_array_length($3::json), $2::integer, true, $1 FROM ${entries}
        ON CONFLICT (is_head) DO UPDATE SET
          last = greatest(known.last + json_array_length($3::json), excluded.last),
          nonce = excluded.nonce,
          log = CASE WHEN known.log <> $6 OR ${has('$4', '$5')} THEN known.log ELSE excluded.log END
        RETURNING last, nonce, log
      ), entry AS (
        INSERT INTO ${entries} (seq, added_at, due_at, nonce, line)
        SELECT seq, ${NOW}, greatest(until + ${MARGIN}, CASE WHEN until IS NOT NULL THEN ${NOW} + ${RETENTION} END), nonce,
          seq || '.' || nonce || ' ' || text
        FROM (
          SELECT last - json_array_length($3::json) + place AS seq, nonce, (item ->> 0)::bigint AS until, item ->> 1 AS text
          FROM head, json_array_elements($3::json) WITH ORDINALITY AS items (item, place)
        ) AS given
      )
      SELECT log, last, nonce, pg_notify('${channel}', '') FROM head`),

    read: prepared(`
      SELECT log, last, nonce, pg_is_in_recovery() AS is_standby, ${has('$2', '$3')} AND ${has('$4', '$5')} AS is_whole, array_to_string(ARRAY(
        SELECT line FROM ${entries} WHERE seq > ${unknown('$1')} ORDER BY seq LIMIT ${PAGE}
      ), E'\\n') AS entries FROM ${head}`),

    // As the log has another name, every process notices.
    restoreHead: prepared(`
      INSERT INTO ${head} (last, nonce, is_head, log)
      SELECT coalesce(last.seq, 0), coalesce(last.nonce, 0), true, $1 FROM (VALUES (0)) AS one
      LEFT JOIN (SELECT seq, nonce FROM ${entries} ORDER BY seq DESC LIMIT 1) AS last ON true
      ON CONFLICT (is_head) DO NOTHING`),

    // An entry stays until the next one is an hour old, so readers that were away for less find their position.
    // Readers that are forgotten go with it, though nobody may ask who is behind.
    remove: prepared(`
      WITH forgotten AS (${forgotten}), due AS MATERIALIZED (
        SELECT seq FROM ${entries} WHERE due_at < ${NOW} ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${entries} AS old WHERE seq = ANY (ARRAY(SELECT seq FROM due)) AND (
        SELECT added_at FROM ${entries} AS next WHERE next.seq > old.seq ORDER BY seq LIMIT 1
      ) < ${NOW} - ${RETENTION}
      RETURNING seq`),

    seen: prepared(`
      INSERT INTO ${readers} (reader, log, seq, due_at) VALUES ($1, $2, $3, ${NOW} + $4::bigint)
      ON CONFLICT (reader) DO UPDATE SET log = excluded.log, seq = excluded.seq, due_at = excluded.due_at`),

    left: prepared(`DELETE FROM ${readers} WHERE reader = $1`),

    // It removes those that are forgotten, so that a standby rejects it.
    behind: prepared(`
      WITH forgotten AS (${forgotten})
      SELECT (
        SELECT count(*) FROM ${readers} WHERE due_at > ${NOW} AND (log = $1 AND seq >= $2) IS NOT TRUE
      ) AS readers FROM ${head} WHERE log = $1`),
  };
}
