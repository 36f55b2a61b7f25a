import { COLUMNS } from '../shared/rows.js';
import type { SqliteDatabase, SqliteStatement } from './database.js';

/** The later expiry where a touch came first. Parameters: lastAccess, expiresAt, expiresAt. */
const LATER_EXPIRY = 'CASE WHEN last_access > ? AND (expires_at IS NULL OR expires_at > ?) THEN expires_at ELSE ? END';
/** The earlier due time. Parameters: expiresAt, three times. */
const EARLIER_DUE = 'CASE WHEN ? IS NULL THEN due_at WHEN due_at < ? THEN due_at ELSE ? END';
/** Whether a new expiry changes no index. Parameters: expiresAt, twice. */
const IS_FILED = '(? IS NULL OR due_at <= ?)';

/** The prepared statements. Parameters are anonymous and in order, because that is what all libraries support. */
export interface Statements {
  readonly create: SqliteStatement;
  readonly load: SqliteStatement;
  /** Writes only columns without an index, when the others stay as they are; `updateAll` writes all. */
  readonly update: SqliteStatement;
  readonly updateAll: SqliteStatement;
  readonly touch: SqliteStatement;
  readonly touchAll: SqliteStatement;
  readonly retire: SqliteStatement;
  readonly look: SqliteStatement;
  readonly delete: SqliteStatement;
  readonly page: SqliteStatement;
  readonly ofLineage: SqliteStatement;
  readonly lineageOf: SqliteStatement;
  readonly deleteOfUser: SqliteStatement;
  readonly retireOfUser: SqliteStatement;
  readonly sweep: SqliteStatement;
  readonly refile: SqliteStatement;
  readonly deleteAny: SqliteStatement;
}

export function statementsFor(database: SqliteDatabase, name: string): Statements {
  const table = `"${name}"`;
  const prepared = (sql: string): SqliteStatement => database.prepare(sql);
  const isVersion = 'id = ? AND retired_at IS NULL AND version = ?';
  const ofUser = `SELECT rowid FROM ${table} WHERE uid = ? AND lineage <> ? AND lineage <> ? LIMIT ?`;
  const due = `SELECT rowid FROM ${table} WHERE due_at <= ? ORDER BY due_at LIMIT ?`;
  return {
    create: prepared(`
      INSERT INTO ${table} (id, lineage, version, uid, body, created, last_access, last_update, expires_at, due_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING 1`),
    load: prepared(`SELECT ${COLUMNS} FROM ${table} WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)`),
    update: prepared(`
      UPDATE ${table} SET version = version + 1, body = ?, created = ?, last_update = ?,
        expires_at = ${LATER_EXPIRY}, last_access = max(last_access, ?)
      WHERE ${isVersion} AND uid IS ? AND lineage = ? AND ${IS_FILED} RETURNING 1`),
    updateAll: prepared(`
      UPDATE ${table} SET version = version + 1, body = ?, created = ?, last_update = ?,
        expires_at = ${LATER_EXPIRY}, last_access = max(last_access, ?), uid = ?, lineage = ?, due_at = ${EARLIER_DUE}
      WHERE ${isVersion} RETURNING 1`),
    touch: prepared(`
      UPDATE ${table} SET last_access = ?, expires_at = ?
      WHERE id = ? AND retired_at IS NULL AND last_access < ? AND ${IS_FILED} RETURNING 1`),
    touchAll: prepared(`
      UPDATE ${table} SET last_access = ?, expires_at = ?, due_at = ${EARLIER_DUE}
      WHERE id = ? AND retired_at IS NULL AND last_access < ? RETURNING 1`),
    retire: prepared(`
      UPDATE ${table} SET retired_at = ?, successor = ?, reason = ?, expires_at = ?, due_at = ${EARLIER_DUE},
        uid = NULL, body = ''
      WHERE id = ? AND retired_at IS NULL AND (? IS NULL OR version = ?) RETURNING 1`),
    look: prepared(`SELECT retired_at FROM ${table} WHERE id = ?`),
    delete: prepared(`DELETE FROM ${table} WHERE id = ? RETURNING retired_at`),
    page: prepared(`
      SELECT ${COLUMNS} FROM ${table} WHERE uid = ? AND lineage > ? AND (expires_at IS NULL OR expires_at > ?)
      ORDER BY lineage, id LIMIT ?`),
    ofLineage: prepared(`
      SELECT ${COLUMNS} FROM ${table} WHERE uid = ? AND lineage = ? AND (expires_at IS NULL OR expires_at > ?)`),
    lineageOf: prepared(`SELECT lineage FROM ${table} WHERE id = ? AND retired_at IS NULL`),
    deleteOfUser: prepared(`DELETE FROM ${table} WHERE rowid IN (${ofUser}) RETURNING id`),
    retireOfUser: prepared(`
      UPDATE ${table} SET retired_at = ?, successor = ?, reason = ?, expires_at = ?, due_at = ${EARLIER_DUE},
        uid = NULL, body = ''
      WHERE rowid IN (${ofUser}) RETURNING id`),
    sweep: prepared(`DELETE FROM ${table} WHERE rowid IN (${due}) AND expires_at <= ? RETURNING id, uid, retired_at`),
    refile: prepared(`
      UPDATE ${table} SET due_at = expires_at WHERE rowid IN (${due}) AND (expires_at IS NULL OR expires_at > ?)
      RETURNING 1`),
    deleteAny: prepared(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} LIMIT ?) RETURNING retired_at`,
    ),
  };
}
