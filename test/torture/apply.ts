import type { Retired, SessionRecord } from '../../src/ports/store.js';
import type { ResultOfOne, WriteOfOne } from './operation.js';

/** What a store has under an id. */
export type Entry = SessionRecord | Retired | null;

/** What the specification of the store says of a write: its answer, and what is there afterwards. */
export interface Applied {
  readonly result: ResultOfOne;
  readonly entry: Entry;
}

export function isRecord(entry: Entry | undefined): entry is SessionRecord {
  return entry !== null && entry !== undefined && !('retired' in entry);
}

export function isTombstone(entry: Entry | undefined): entry is Retired {
  return entry !== null && entry !== undefined && 'retired' in entry;
}

export function apply(operation: WriteOfOne, entry: Entry): Applied {
  switch (operation.kind) {
    case 'create':
      return entry === null ? { result: 'ok', entry: operation.record } : { result: 'exists', entry };
    case 'update':
      if (!isRecord(entry)) return { result: 'gone', entry };
      if (entry.version !== operation.record.version) return { result: 'conflict', entry };
      return { result: 'ok', entry: updated(entry, operation.record) };
    case 'touch':
      if (!isRecord(entry)) return { result: false, entry };
      if (operation.lastAccess <= entry.lastAccess) return { result: true, entry };
      return {
        result: true,
        entry: { ...entry, lastAccess: operation.lastAccess, expiresAt: operation.expiresAt },
      };
    case 'retire':
      if (!isRecord(entry)) return { result: 'gone', entry };
      if (operation.version !== null && operation.version !== entry.version) return { result: 'conflict', entry };
      return { result: 'ok', entry: operation.tombstone };
    case 'delete':
      return { result: isRecord(entry), entry: null };
  }
}

/** What is to be seen of an entry at `now`. */
export function visible(entry: Entry, now: number): SessionRecord | Retired | undefined {
  return entry === null || hasExpired(entry, now) ? undefined : entry;
}

export function hasExpired(entry: Entry, now: number): boolean {
  return entry !== null && entry.expiresAt !== null && entry.expiresAt <= now;
}

function updated(stored: SessionRecord, record: SessionRecord): SessionRecord {
  const version = stored.version + 1;
  if (stored.lastAccess <= record.lastAccess) return { ...record, version };
  const isNever = stored.expiresAt === null || record.expiresAt === null;
  const expiresAt = isNever ? null : Math.max(Number(stored.expiresAt), Number(record.expiresAt));
  return { ...record, version, lastAccess: stored.lastAccess, expiresAt };
}
