import type { Retired, SessionRecord } from '../../ports/store.js';
import type { GuardedStore } from '../guarded-store.js';

/** How many rotations of a session are followed. After more than that, it must be found another way. */
const MOST_HOPS = 100;

/** Whether an entry is a tombstone. */
export function isRetired(found: SessionRecord | Retired | undefined): found is Retired {
  return found !== undefined && 'retired' in found;
}

/** Whether the holder of the id must not be led to its successor: its user signed in again since. */
export function isClosed({ retired }: Retired): boolean {
  return retired.successor !== null && retired.reason !== undefined;
}

/**
 * Follows the tombstones of rotations from an id, at most `hops` times. Returns the record of the session, the
 * tombstone where it ended, or `undefined` if an entry is missing. A tombstone with a successor means that `hops` was
 * too small.
 */
export async function followEntry(
  store: GuardedStore,
  id: string,
  now: number,
  { hops = MOST_HOPS, stopsWhenClosed = false }: { readonly hops?: number; readonly stopsWhenClosed?: boolean } = {},
): Promise<SessionRecord | Retired | undefined> {
  let found = await store.load(id, now);
  for (let left = hops; left > 0 && isRetired(found); left -= 1) {
    const { successor } = found.retired;
    if (successor === null || (stopsWhenClosed && isClosed(found))) break;
    found = await store.load(successor, now);
  }
  return found;
}
