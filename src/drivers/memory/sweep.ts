import type { Swept } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import type { Slices } from '../shared/slices.js';
import { type Entry, SessionEntry } from './entry.js';
import type { Table } from './table.js';

/** The number of entries between two checks of the time. */
const LOOKS = 32;

/** Removes and returns up to `limit` expired entries. */
export async function sweepTable(table: Table, slices: Slices, now: number, limit: number): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  if (limit < 1) return swept;
  let looks = 0;
  for (const entry of table.goRound()) {
    looks += 1;
    if (hasExpired(entry, now)) {
      table.remove(entry);
      swept.push(asSwept(entry));
    }
    if (looks < LOOKS && swept.length < limit) continue;
    if (slices.spend(looks)) await slices.next();
    if (swept.length >= limit) return swept;
    looks = 0;
  }
  return swept;
}

function asSwept(entry: Entry): Swept {
  return entry instanceof SessionEntry ? { id: entry.id, uid: entry.uid } : { id: entry.id, uid: null, retired: true };
}
