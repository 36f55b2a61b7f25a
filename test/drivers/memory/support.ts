import type { Retired, SessionRecord } from '../../../src/ports/store.js';

export const NOW = 1_800_000_000_000;

/** A session of a minute's life. */
export function record(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: NOW, lastAccess: NOW, lastUpdate: NOW, expiresAt: NOW + 60_000 };
  return { id, lineage: id, version: 0, uid: null, body: '{}', ...times, ...changes };
}

export function tombstone(id: string, expiresAt: number = NOW + 60_000): Retired {
  return { id, retired: { successor: null, at: NOW }, expiresAt };
}
