import type { Retired, SessionRecord, Swept } from '../../ports/store.js';
import type { PostgresRow } from './pool.js';

/** What a row holds: a record, or a tombstone. */
export function asEntry(row: PostgresRow): SessionRecord | Retired {
  const at = numberOrNull(row['retired_at']);
  return at === null ? asRecord(row) : asTombstone(row, at);
}

export function asRecord(row: PostgresRow): SessionRecord {
  return {
    id: String(row['id']),
    lineage: String(row['lineage']),
    version: Number(row['version']),
    uid: textOrNull(row['uid']),
    body: String(row['body']),
    created: Number(row['created']),
    lastAccess: Number(row['last_access']),
    lastUpdate: Number(row['last_update']),
    expiresAt: numberOrNull(row['expires_at']),
  };
}

export function asSwept(row: PostgresRow): Swept {
  const id = String(row['id']);
  return row['is_retired'] === true ? { id, uid: null, retired: true } : { id, uid: textOrNull(row['uid']) };
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function asTombstone(row: PostgresRow, at: number): Retired {
  const successor = textOrNull(row['successor']);
  const reason = textOrNull(row['reason']);
  return {
    id: String(row['id']),
    retired: reason === null ? { successor, at } : { successor, at, reason: String(JSON.parse(reason)) },
    expiresAt: Number(row['expires_at']),
  };
}

/** `pg` gives a bigint as text, unless the application has told it otherwise. */
function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
