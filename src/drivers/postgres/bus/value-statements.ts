import { prepared, type Statement } from '../statements.js';
import { NOW } from './clock.js';
import type { BusTables } from './tables.js';

/** Outdated rows that storing one value removes. */
const BATCH = 10;

/** The statements on values. Keys are digests. */
export interface ValueStatements {
  /** key, value, life */
  readonly put: Statement;
  /** key -> value */
  readonly take: Statement;
  /** key -> value */
  readonly read: Statement;
}

export function valueStatements({ values }: BusTables): ValueStatements {
  return {
    put: prepared(`
      WITH removed AS (
        DELETE FROM ${values} WHERE key IN (
          SELECT key FROM ${values} WHERE due_at <= ${NOW} AND key <> $1 ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      )
      INSERT INTO ${values} (key, value, due_at) VALUES ($1, $2, ${NOW} + $3::bigint)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, due_at = excluded.due_at`),

    take: prepared(`
      WITH taken AS (DELETE FROM ${values} WHERE key = $1 RETURNING value, due_at)
      SELECT value FROM taken WHERE due_at > ${NOW}`),

    read: prepared(`SELECT value FROM ${values} WHERE key = $1 AND due_at > ${NOW}`),
  };
}
