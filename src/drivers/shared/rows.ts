import type { Retired, SessionRecord, Swept } from '../../ports/store.js';

/** One row by column. */
export type Row = Readonly<Record<string, unknown>>;

/** The columns of an entry: of a record, and of a tombstone where `retired_at` is not NULL. */
export const COLUMNS =
  'id, lineage, version, uid, body, created, last_access, last_update, expires_at, retired_at, successor, reason';

/** How a database returns the text of the columns that hold more than its own text can carry. */
export interface TextColumns {
  body(value: unknown): string;
  reason(value: unknown): string;
}

/** Reads rows of {@link COLUMNS}. Databases return integers as numbers, bigints or text, as the application has set them up. */
export class RowReader {
  readonly #text: TextColumns;

  constructor(text: TextColumns) {
    this.#text = text;
  }

  entry(row: Row): SessionRecord | Retired {
    return isSession(row) ? this.record(row) : this.#tombstone(row);
  }

  record(row: Row): SessionRecord {
    return {
      id: String(row['id']),
      lineage: String(row['lineage']),
      version: Number(row['version']),
      uid: textOrNull(row['uid']),
      body: this.#text.body(row['body']),
      created: Number(row['created']),
      lastAccess: Number(row['last_access']),
      lastUpdate: Number(row['last_update']),
      expiresAt: row['expires_at'] === null ? null : Number(row['expires_at']),
    };
  }

  #tombstone(row: Row): Retired {
    const successor = textOrNull(row['successor']);
    const at = Number(row['retired_at']);
    const reason = row['reason'];
    return {
      id: String(row['id']),
      retired: reason === null ? { successor, at } : { successor, at, reason: this.#text.reason(reason) },
      expiresAt: Number(row['expires_at']),
    };
  }
}

/** Reads a row of `id`, `uid` and `retired_at` that a sweep removed. */
export function asSwept(row: Row): Swept {
  const id = String(row['id']);
  return isSession(row) ? { id, uid: textOrNull(row['uid']) } : { id, uid: null, retired: true };
}

/** Whether a row is a session rather than a tombstone. */
export function isSession(row: Row): boolean {
  return row['retired_at'] === null;
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
