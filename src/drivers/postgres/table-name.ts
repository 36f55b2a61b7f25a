/** PostgreSQL cuts names after 63 bytes, and those of the indexes are longer than the table's by as much as this leaves. */
const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,55}$/;

/** Whether `name` is a table's, with or without its schema: one that needs no escaping wherever it stands. */
export function isTableName(name: string): boolean {
  return NAME.test(name);
}

/** A table as statements name it, and what belongs to it. */
export class TableName {
  /** In quotes, so that upper case stays and no keyword is in the way. */
  readonly quoted: string;
  readonly #schema: string;
  readonly #table: string;

  /** `name`: one of which `isTableName` holds. */
  constructor(name: string) {
    const parts = name.split('.');
    this.#table = parts.at(-1) ?? '';
    this.#schema = parts.length > 1 ? `"${parts[0]}".` : '';
    this.quoted = this.beside('');
  }

  /** Another table, in the same schema. */
  beside(suffix: string): string {
    return `${this.#schema}${this.index(suffix)}`;
  }

  /** An index of it: named without the schema, which is always the table's. */
  index(suffix: string): string {
    return `"${this.#table}${suffix}"`;
  }
}
