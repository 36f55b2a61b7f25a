import type { Retired, SessionRecord } from '../ports/store.js';
import type { GuardedStore } from './guarded-store.js';

/** Rotations of one session that are followed; after more than that it has to be found another way. */
const MOST_HOPS = 100;
/** ms for which a session that has expired is still told from one that never was. */
const AFTERLIFE = 60_000;

/** Whether what a store had for an id is a tombstone. */
export function isRetired(found: SessionRecord | Retired | undefined): found is Retired {
  return found !== undefined && 'retired' in found;
}

/** Reads records by id, through the tombstones of rotations if asked to. */
export class RecordLoader {
  readonly #store: GuardedStore;

  constructor(store: GuardedStore) {
    this.#store = store;
  }

  /** What is there for an id; a record that expired up to a minute ago, too, for its reader to judge. */
  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const found = await this.#store.load(id, now - AFTERLIFE);
    return isRetired(found) && found.expiresAt <= now ? undefined : found;
  }

  /**
   * The record in which a session lives on, under whatever id; or the tombstone at which its way ends; or nothing, when it was deleted. A tombstone with
   * a successor is one behind which the way goes on for more than `hops`.
   */
  async follow(id: string, now: number, hops: number = MOST_HOPS): Promise<SessionRecord | Retired | undefined> {
    let found = await this.load(id, now);
    for (let left = hops; left > 0 && isRetired(found); left -= 1) {
      const { successor } = found.retired;
      if (successor === null) break;
      found = await this.load(successor, now);
    }
    return found;
  }
}
