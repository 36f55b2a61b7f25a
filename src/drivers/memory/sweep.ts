import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Swept } from '../../ports/store.js';
import { type Entry, hasExpired, SessionEntry } from './entry.js';
import type { Table } from './table.js';

/** ms that the loop may be kept at most, but for the entries that are looked at between two looks at the clock. */
const SLICE = 1;
const LOOKS_PER_TIME = 32;

/** Removes up to `limit` expired entries, and says which: in short slices, with the loop free between them. */
export async function sweepTable(table: Table, now: number, limit: number): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  if (limit < 1) return swept;
  let looks = 0;
  let start = performance.now();
  for (const entry of table.goRound()) {
    if (hasExpired(entry, now)) {
      table.remove(entry);
      swept.push(asSwept(entry));
      if (swept.length >= limit) return swept;
    }
    looks += 1;
    if (looks % LOOKS_PER_TIME === 0 && performance.now() - start >= SLICE) {
      await nextTurn();
      start = performance.now();
    }
  }
  return swept;
}

function asSwept(entry: Entry): Swept {
  return entry instanceof SessionEntry ? { id: entry.id, uid: entry.uid } : { id: entry.id, uid: null, retired: true };
}
