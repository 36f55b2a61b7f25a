import { createHash } from 'node:crypto';
import { COLUMNS } from '../shared/rows.js';
import type { TableName } from './table-name.js';

/** A statement to run. With a name, it is prepared. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
}

/** The statements of the store's operations, each of which is one round trip. */
export interface Statements {
  readonly create: Statement;
  readonly load: Statement;
  readonly update: Statement;
  readonly touch: Statement;
  readonly retire: Statement;
  readonly delete: Statement;
  readonly ofLineage: Statement;
  readonly ofUser: Statement;
  readonly deleteOfUser: Statement;
  readonly retireOfUser: Statement;
  readonly sweep: Statement;
  readonly deleteAll: Statement;
}

/** `deadline`: ms for which `deleteAll` waits for its lock. */
export function statementsFor({ quoted: table }: TableName, deadline: number): Statements {
  return {
    // A conflict must not fail: the server would log the id, and a Pool would close the connection.
    create: prepared(`
      INSERT INTO ${table} (id, lineage, version, uid, body, created, last_access, last_update, expires_at, due_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
      ON CONFLICT (id) DO NOTHING RETURNING true AS is_stored`),

    load: prepared(`SELECT ${COLUMNS} FROM ${table} WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)`),

    update: guarded(table, {
      assignments: `version = version + 1, lineage = $3, uid = $4, body = $5, created = $6, last_update = $7,
        last_access = greatest(last_access, $8),
        expires_at = CASE WHEN last_access > $8 AND (expires_at IS NULL OR expires_at > $9) THEN expires_at ELSE $9 END,
        due_at = least(due_at, $9)`,
      condition: 'version = $2',
      otherwise: 'conflict',
    }),

    // With a lastAccess that is not later than the stored one there is nothing to write.
    touch: guarded(table, {
      assignments: 'last_access = $2, expires_at = $3, due_at = least(due_at, $3)',
      condition: 'last_access < $2',
      otherwise: 'ok',
    }),

    retire: guarded(table, {
      assignments: `successor = $3, retired_at = $4, reason = $5, expires_at = $6, due_at = least(due_at, $6),
        uid = NULL, body = ''`,
      condition: 'version = coalesce($2, version)',
      otherwise: 'conflict',
    }),

    delete: prepared(`DELETE FROM ${table} WHERE id = $1 RETURNING retired_at IS NULL AS was_session`),

    ofLineage: prepared(`
      SELECT ${COLUMNS} FROM ${table}
      WHERE uid = $1 AND lineage = $3 AND retired_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`),

    // A page ends with all records of its last lineage.
    ofUser: prepared(`
      SELECT ${COLUMNS} FROM ${table}
      WHERE uid = $1 AND lineage > $3 AND retired_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
      ORDER BY lineage FETCH FIRST ${unknown('$4')} ROWS WITH TIES`),

    deleteOfUser: endOfUser(table, `DELETE FROM ${table} WHERE id = ANY (ARRAY(SELECT id FROM still)) RETURNING id`),

    retireOfUser: endOfUser(
      table,
      `UPDATE ${table} SET successor = $5, retired_at = $6, reason = $7, expires_at = $8, due_at = least(due_at, $8),
          uid = NULL, body = ''
        WHERE id = ANY (ARRAY(SELECT id FROM still)) RETURNING id`,
    ),

    // One step of sweeping.ts: takes the first rows that are due, and removes them or moves their due_at. So its duration does not depend on how many
    // rows are due.
    sweep: prepared(`
      WITH due AS MATERIALIZED (
        SELECT id, due_at, expires_at <= $1 AS is_over FROM ${table}
        WHERE due_at >= ${unknown('$4')} AND due_at <= ${unknown('$5')}
        ORDER BY due_at LIMIT ${unknown('$2')} FOR UPDATE SKIP LOCKED
      ), removed AS (
        DELETE FROM ${table} WHERE id = ANY (ARRAY(SELECT id FROM due WHERE is_over LIMIT $3)) RETURNING id, uid, retired_at
      ), moved AS (
        UPDATE ${table} SET due_at = expires_at WHERE id = ANY (ARRAY(SELECT id FROM due WHERE is_over IS NOT TRUE))
      )
      SELECT id, uid, retired_at, NULL AS taken, NULL AS next FROM removed
      UNION ALL SELECT NULL, NULL, NULL, count(*), coalesce(
        min(due_at) FILTER (WHERE is_over AND id NOT IN (SELECT id FROM removed)), max(due_at)) FROM due`),

    // One text is one transaction. Once it has the lock, no other write is running, and DELETE sees all earlier ones.
    deleteAll: {
      text: `
      SET LOCAL lock_timeout = ${deadline};
      SET LOCAL statement_timeout = 0;
      LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE;
      WITH removed AS (DELETE FROM ${table} RETURNING retired_at)
      SELECT count(*) FILTER (WHERE retired_at IS NULL) AS sessions FROM removed`,
    },
  };
}

/**
 * One pass of delete-of-user.ts: ends up to $4 sessions of the user $1. Keeps the lineage $2, and the lineage $3 or else that of the session $2.
 * Rows are locked in the order of their ids, so that no two passes wait for each other.
 */
function endOfUser(table: string, end: string): Statement {
  const isMeant = `uid = $1 AND retired_at IS NULL AND lineage IS DISTINCT FROM $2
          AND lineage IS DISTINCT FROM (SELECT lineage FROM spared)`;
  return prepared(`
      WITH spared AS (
        SELECT coalesce($3, (SELECT lineage FROM ${table} WHERE id = $2 AND retired_at IS NULL)) AS lineage
      ), seen AS MATERIALIZED (
        SELECT id FROM ${table} WHERE ${isMeant} ORDER BY lineage LIMIT ${unknown('$4')}
      ), locked AS MATERIALIZED (
        SELECT id, uid, retired_at, lineage FROM ${table} WHERE id = ANY (ARRAY(SELECT id FROM seen)) ORDER BY id FOR UPDATE
      ), still AS (
        SELECT id FROM locked WHERE ${isMeant}
      ), ended AS (
        ${end}
      )
      SELECT seen.id, ended.id IS NOT NULL AS is_ended, (SELECT lineage FROM spared) AS spared
      FROM seen LEFT JOIN ended ON ended.id = seen.id`);
}

/**
 * Hides a number from the planner of PostgreSQL, which then estimates a fixed share of the table and reads the rows in the order of the index. If it
 * knew the value, and its statistics were old, it might read and sort all rows instead.
 */
export function unknown(parameter: string): string {
  return `(SELECT ${parameter}::bigint)`;
}

interface GuardedWrite {
  readonly assignments: string;
  /** The condition for the write, besides that there is a session. */
  readonly condition: string;
  /** The outcome when the condition is false. */
  readonly otherwise: 'ok' | 'conflict';
}

/**
 * Writes to the session $1. If nothing was written, the SELECT finds out why, in the snapshot from the start of the statement. UPDATE, however, waits
 * for a lock and then sees the current row. When the two disagree, the outcome is 'again'.
 */
function guarded(table: string, { assignments, condition, otherwise }: GuardedWrite): Statement {
  return prepared(`
      WITH written AS (
        UPDATE ${table} SET ${assignments}
        WHERE id = $1 AND retired_at IS NULL AND ${condition} RETURNING id
      )
      SELECT CASE WHEN EXISTS (TABLE written) THEN 'ok' ELSE coalesce((
        SELECT CASE WHEN retired_at IS NOT NULL THEN 'gone' WHEN ${condition} THEN 'again' ELSE '${otherwise}' END
        FROM ${table} WHERE id = $1
      ), 'gone') END AS outcome`);
}

/** A prepared statement, named after its text. So the name never means another statement on a connection that a proxy shares. */
export function prepared(text: string): Statement {
  return { text, name: `sessions_jwt_${createHash('sha256').update(text).digest('base64url')}` };
}
