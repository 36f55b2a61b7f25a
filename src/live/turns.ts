import { setImmediate as nextTurn } from 'node:timers/promises';

/** Spreads work over turns of the event loop, so that requests do not wait behind work on thousands of streams. */
export class Turns {
  readonly #atOnce: number;
  #left: number;
  #next: Promise<void> | undefined;

  /** `atOnce`: how many pieces of the work are done in one turn. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
    this.#left = atOnce;
  }

  /** Whether another piece may be done in this turn. It counts then. */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    this.#next ??= this.#begin();
    return true;
  }

  /** Does something for each item: in this turn as far as it has room, then in later ones. */
  async each<Item>(items: readonly Item[], act: (item: Item) => void): Promise<void> {
    for (const item of items) {
      while (!this.take()) await this.#next;
      act(item);
    }
  }

  async #begin(): Promise<void> {
    await nextTurn();
    this.#left = this.#atOnce;
    this.#next = undefined;
  }
}
