/** PostgreSQL truncates names after 63 bytes, and the names of the indexes are up to 7 bytes longer than the table's. */
const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,55}$/;

/** Whether `name` can name a table without escaping, with or without its schema. */
export function isTableName(name: string): boolean {
  return NAME.test(name);
}

/** The names of a table, its indexes and its companion tables, as statements need them. */
export class TableName {
  /** The table in quotes, which keep upper case and allow keywords. */
  readonly quoted: string;
  readonly #schema: string;
  readonly #table: string;

  /** `name`: a name that `isTableName` accepts. */
  constructor(name: string) {
    const parts = name.split('.');
    this.#table = parts.at(-1) ?? '';
    this.#schema = parts.length > 1 ? `"${parts[0]}".` : '';
    this.quoted = this.beside('');
  }

  /** A companion table, in the same schema. */
  beside(suffix: string): string {
    return `${this.#schema}${this.index(suffix)}`;
  }

  /** An index of the table. Its name has no schema, because that is always the table's. */
  index(suffix: string): string {
    return `"${this.#table}${suffix}"`;
  }
}
