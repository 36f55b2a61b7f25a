import type { Retired, SessionRecord, Swept } from '../../ports/store.js';
import type { SqliteRow } from './database.js';
import { readText } from './text.js';

/** What a row holds: a record, or a tombstone. */
export function asEntry(row: SqliteRow): SessionRecord | Retired {
  const at = numberOrNull(row['retired_at']);
  return at === null ? asRecord(row) : asTombstone(row, at);
}

export function asRecord(row: SqliteRow): SessionRecord {
  return {
    id: String(row['id']),
    lineage: String(row['lineage']),
    version: Number(row['version']),
    uid: textOrNull(row['uid']),
    body: readText(row['body']),
    created: Number(row['created']),
    lastAccess: Number(row['last_access']),
    lastUpdate: Number(row['last_update']),
    expiresAt: numberOrNull(row['expires_at']),
  };
}

export function asSwept(row: SqliteRow): Swept {
  const id = String(row['id']);
  return row['retired_at'] === null ? { id, uid: textOrNull(row['uid']) } : { id, uid: null, retired: true };
}

function asTombstone(row: SqliteRow, at: number): Retired {
  const successor = textOrNull(row['successor']);
  const reason = row['reason'];
  return {
    id: String(row['id']),
    retired: reason === null ? { successor, at } : { successor, at, reason: readText(reason) },
    expiresAt: Number(row['expires_at']),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Integers are bigints where the application has switched that on. */
function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
