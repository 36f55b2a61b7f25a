import type { Retired, SessionRecord, Store } from '../../ports/store.js';

/** How many rotations of a session are followed. After more than that, it must be found another way. */
const MOST_HOPS = 100;
/** How long an expired session is reported as expired and not as unknown, in ms. */
const AFTERLIFE = 60_000;

/** The part of a store that reads entries by id. */
export type ReadById = Pick<Store, 'load'>;

/** Whether an entry is a tombstone. */
export function isRetired(found: SessionRecord | Retired | undefined): found is Retired {
  return found !== undefined && 'retired' in found;
}

/** Loads the entry of an id. It may be a record that expired up to a minute ago; the caller must check. */
export async function loadEntry(
  store: ReadById,
  id: string,
  now: number,
): Promise<SessionRecord | Retired | undefined> {
  const found = await store.load(id, now - AFTERLIFE);
  return isRetired(found) && found.expiresAt <= now ? undefined : found;
}

/**
 * Follows the tombstones of rotations from an id, at most `hops` times. Returns the record of the session, the
 * tombstone where it ended, or `undefined` if an entry is missing. A tombstone with a successor means that `hops` was
 * too small.
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
