import type { Retired, SessionRecord, Store } from '../../ports/store.js';

/** Rotations of one session that are followed; after more than that it has to be found another way. */
const MOST_HOPS = 100;
/** ms for which a session that has expired is still told from one that never was. */
const AFTERLIFE = 60_000;

/** What is read of a store by id. */
export type ReadById = Pick<Store, 'load'>;

/** Whether what a store had for an id is a tombstone. */
export function isRetired(found: SessionRecord | Retired | undefined): found is Retired {
  return found !== undefined && 'retired' in found;
}

/** The entry of an id; also a record that expired up to a minute ago, for its reader to judge. */
export async function loadEntry(
  store: ReadById,
  id: string,
  now: number,
): Promise<SessionRecord | Retired | undefined> {
  const found = await store.load(id, now - AFTERLIFE);
  return isRetired(found) && found.expiresAt <= now ? undefined : found;
}

/**
 * The record in which a session lives on, under whatever id; or the tombstone at which its way ends; or nothing, when it was deleted. A
 * tombstone with a successor means that the way goes on for more than `hops`.
 */
export async function followEntry(
  store: ReadById,
  id: string,
  now: number,
  hops: number = MOST_HOPS,
): Promise<SessionRecord | Retired | undefined> {
  let found = await loadEntry(store, id, now);
  for (let left = hops; left > 0 && isRetired(found); left -= 1) {
    const { successor } = found.retired;
    if (successor === null) break;
    found = await loadEntry(store, successor, now);
  }
  return found;
}
