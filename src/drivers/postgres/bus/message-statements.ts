import { prepared, type Statement } from '../statements.js';
import { MICROSECONDS, NOW } from './clock.js';
import type { BusTables } from './tables.js';

/** ms for which it is known at least whether a topic had messages. */
const REMEMBERED = 3_600_000;
/** ms for which every message is there for processes that are slow to read it. */
export const DELIVERY = 60_000;
/** The maximum number of messages in one round trip. */
export const PAGE = 500;
/** Outdated rows that publishing one message removes. It adds at most one of each kind. */
const BATCH = 10;

/** The statements on messages. `limit` and `life` are numbers; topics are digests. */
export interface MessageStatements {
  /** topic, body, limit, life -> epoch, last */
  readonly publish: Statement;
  /** -> epoch, last */
  readonly position: Statement;
  /** number -> epoch, last, and the messages after it with number, topic and body */
  readonly read: Statement;
  /** topics as JSON, number -> epoch, last, is_complete, and messages with number, topic and body */
  readonly history: Statement;
}

export function messageStatements({ messages, state, topics, channel }: BusTables): MessageStatements {
  // Whoever updates the row of state has it until the message is visible. So numbers become visible in their order.
  const next = (least: string): string =>
    `UPDATE ${state} SET last = greatest(${least}, ${MICROSECONDS}) RETURNING epoch, last`;
  return {
    publish: prepared(`
      WITH state AS (${next('last + 1')}),
      message AS (
        INSERT INTO ${messages} (number, topic, body) SELECT last, $1, $2 FROM state
      ), over AS (
        SELECT number FROM ${messages} WHERE topic = $1 ORDER BY number DESC OFFSET greatest($3::bigint - 1, 0) LIMIT 1
      ), topic AS (
        INSERT INTO ${topics} AS known (topic, last, gone, due_at)
        SELECT $1, last, CASE WHEN $3 = 0 THEN last ELSE last - ${REMEMBERED * 1_000} END, ${NOW} + $4::bigint FROM state
        ON CONFLICT (topic) DO UPDATE SET last = excluded.last, due_at = excluded.due_at, gone = CASE
          WHEN $3 = 0 THEN excluded.last
          WHEN known.due_at <= ${NOW} THEN known.last
          ELSE greatest(known.gone, (SELECT number FROM over)) END
      ), dropped AS (
        DELETE FROM ${messages} WHERE number IN (
          SELECT number FROM ${messages}
          WHERE topic = $1 AND number <= (SELECT gone FROM ${topics} WHERE topic = $1)
            AND number < (${NOW} - ${DELIVERY}) * 1000
          ORDER BY number LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      ), forgotten AS (
        DELETE FROM ${topics} WHERE topic IN (
          SELECT topic FROM ${topics} WHERE due_at <= ${NOW} - ${REMEMBERED} AND topic <> $1
          ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
        RETURNING topic, last
      ), emptied AS (
        DELETE FROM ${messages} USING forgotten
        WHERE ${messages}.topic = forgotten.topic AND number <= forgotten.last
      )
      SELECT epoch, last, pg_notify('${channel}', '') FROM state`),

    position: prepared(next('last')),

    read: prepared(`
      SELECT epoch, last, number, topic, body FROM ${state} LEFT JOIN ${messages} ON number > $1
      ORDER BY number LIMIT ${PAGE}`),

    history: prepared(`
      WITH asked AS (
        SELECT name, gone, last, due_at FROM json_array_elements_text($1::json) AS name LEFT JOIN ${topics} ON topic = name
      ), judged AS (
        SELECT coalesce(bool_and(CASE
          WHEN last IS NULL THEN ${MICROSECONDS} - ${REMEMBERED * 1_000}
          WHEN due_at <= ${NOW} THEN last
          ELSE gone END <= $2), true) AS is_complete FROM asked
      ), found AS (
        SELECT number, topic, body FROM asked JOIN ${messages} ON topic = name
        WHERE number > $2 AND number > gone AND due_at > ${NOW}
      )
      SELECT epoch, greatest(state.last, ${MICROSECONDS}) AS last, is_complete, number, topic, body
      FROM ${state} AS state CROSS JOIN judged LEFT JOIN found ON true ORDER BY number`),
  };
}
