import { StoreUnavailable } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { SessionRecord } from '../ports/store.js';
import type { GuardedStore } from './guarded-store.js';

/** How often a session may be rotated by its owner just as it is to end. */
const MOST_PASSES = 20;

/** Deletes those of a user's sessions that `choose` picks, under whichever id they go on meanwhile. Gives those that it found there. */
export async function deleteSome(
  store: GuardedStore,
  clock: Clock,
  uid: string,
  choose: (records: readonly SessionRecord[]) => readonly SessionRecord[],
): Promise<readonly SessionRecord[]> {
  const deleted: SessionRecord[] = [];
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const chosen = choose(await store.ofUser(uid, clock.now()));
    const isFound = await Promise.all(chosen.map(({ id }) => store.delete(id)));
    deleted.push(...chosen.filter((_, index) => isFound[index]));
    // One that was not there any more may have been rotated: then it goes on under another id.
    if (isFound.every(Boolean)) return deleted;
  }
  throw new StoreUnavailable('sessions were rotated by others faster than they could be ended');
}
