import type { Retired, SessionRecord } from '../../ports/store.js';
import type { GuardedStore } from './guarded-store.js';

/** Rotations of one session that are followed; after more than that it has to be found another way. */
const MOST_HOPS = 100;

/** Whether what a store had for an id is a tombstone. */
export function isRetired(found: SessionRecord | Retired | undefined): found is Retired {
  return found !== undefined && 'retired' in found;
}

/**
 * The record in which a session lives on, under whatever id; or the tombstone at which its way ends; or nothing, when it was deleted. A
 * tombstone with a successor means that the way goes on for more than `hops`.
 */
export async function followEntry(
  store: GuardedStore,
  id: string,
  now: number,
  hops: number = MOST_HOPS,
): Promise<SessionRecord | Retired | undefined> {
  let found = await store.load(id, now);
  for (let left = hops; left > 0 && isRetired(found); left -= 1) {
    const { successor } = found.retired;
    if (successor === null) break;
    found = await store.load(successor, now);
  }
  return found;
}
