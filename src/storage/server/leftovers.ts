import type { GuardedStore } from '../guarded-store.js';

/** The pauses between attempts in ms: a store may execute a write after the caller has given up. */
const PAUSES = [1_000, 10_000, 60_000];
/** The limit of pending removals. Records beyond it expire like any other. */
const MOST = 10_000;

/**
 * Removes records whose creation the store did not confirm. No client has their sid, but `listOfUser` would list them.
 * Runs in the background and does not keep the process alive.
 */
export class Leftovers {
  readonly #store: GuardedStore;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #isStopped = false;

  constructor(store: GuardedStore) {
    this.#store = store;
  }

  /** `id`: of a record whose sid no client will get. */
  remove(id: string): void {
    if (this.#timers.size < MOST) this.#attempt(id, 0);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #attempt(id: string, count: number): Promise<void> {
    this.#timers.delete(id);
    const isRemoved = await this.#store
      .afresh()
      .delete(id)
      .catch(() => false);
    const pause = PAUSES[count];
    if (isRemoved || pause === undefined || this.#isStopped) return;
    this.#timers.set(id, setTimeout(() => this.#attempt(id, count + 1), pause).unref());
  }
}
