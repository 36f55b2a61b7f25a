import type { GuardedStore } from './guarded-store.js';

/** ms between the attempts: a store may carry a write out after it was given up. */
const PAUSES = [1_000, 10_000, 60_000];
/** What more a store that is down would leave expires by itself. */
const MOST = 10_000;

/**
 * Removes records of which nobody got the sid, because the store did not confirm that it created them: otherwise they would be listed among the
 * user's sessions. It happens in the background, and keeps no process running.
 */
export class Leftovers {
  readonly #store: GuardedStore;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #isStopped = false;

  constructor(store: GuardedStore) {
    this.#store = store;
  }

  /** `id`: of a record that no client will ever name. */
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
