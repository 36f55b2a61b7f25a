import type { SqliteDatabase, SqliteStatement } from '../database.js';

/** The prepared statements. Those that change something return a row for each change, because all libraries return rows. */
export interface LogStatements {
  /** The id of the log, and the last number that it has used. */
  readonly head: SqliteStatement;
  readonly append: SqliteStatement;
  /** The entries after a number: a line for each, with its name, a space and its text. */
  readonly page: SqliteStatement;
  /** The same, a row for each line. */
  readonly rows: SqliteStatement;
  /** The mark of the entry with a number. */
  readonly mark: SqliteStatement;
  readonly remove: SqliteStatement;
  readonly seen: SqliteStatement;
  readonly left: SqliteStatement;
  readonly forget: SqliteStatement;
  readonly behind: SqliteStatement;
}

/** The name of an entry in its log; see `Place`. */
const ENTRY_NAME = `seq || '.' || mark`;

export function logStatements(database: SqliteDatabase, name: string): LogStatements {
  const prepared = (sql: string): SqliteStatement => database.prepare(sql);
  const table = `"${name}"`;
  const after = `SELECT ${ENTRY_NAME} || ' ' || entry AS line FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?`;
  const readers = `"${name}_readers"`;
  return {
    head: prepared(
      `SELECT id, coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${name}'), 0) AS last FROM "${name}_log"`,
    ),
    append: prepared(`INSERT INTO ${table} (until, entry) VALUES (?, ?) RETURNING ${ENTRY_NAME} AS name`),
    page: prepared(`SELECT group_concat(line, char(10)) AS entries, count(*) AS count FROM (${after})`),
    rows: prepared(after),
    mark: prepared(`SELECT mark FROM ${table} WHERE seq = ?`),
    remove: prepared(
      `DELETE FROM ${table} WHERE seq IN (SELECT seq FROM ${table} WHERE until <= ? ORDER BY until LIMIT ?) RETURNING 1`,
    ),
    seen: prepared(`
      INSERT INTO ${readers} (reader, log, seq, until) VALUES (?, ?, ?, ?)
      ON CONFLICT (reader) DO UPDATE SET log = excluded.log, seq = excluded.seq, until = excluded.until RETURNING 1`),
    left: prepared(`DELETE FROM ${readers} WHERE reader = ? RETURNING 1`),
    forget: prepared(`DELETE FROM ${readers} WHERE until <= ? RETURNING 1`),
    behind: prepared(`SELECT count(*) AS behind FROM ${readers} WHERE until > ? AND (log <> ? OR seq < ?)`),
  };
}
