/** SQLite keeps `sqlite_` for itself; the names of the indexes are longer than the table's. */
const NAME = /^(?!sqlite_)[A-Za-z_][A-Za-z0-9_]{0,55}$/i;

/** Whether `name` can name a table without escaping. */
export function isTableName(name: string): boolean {
  return NAME.test(name);
}
