import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work goes on in one turn: ms. Code that runs for the first time takes several times as long as later. */
const LONGEST = 3;

/** Spreads work over turns of the event loop, so that requests do not wait behind work on thousands of streams. */
export class Turns {
  readonly #atOnce: number;
  #left: number;
  #next: Promise<void> | undefined;
  /** When the work of this turn began, by `performance`. */
  #began = 0;

  /** `atOnce`: how many pieces of the work are done in one turn, at most. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
    this.#left = atOnce;
  }

  /** Whether another piece may be done in this turn. It counts then. */
  take(): boolean {
    const now = performance.now();
    if (this.#next === undefined) {
      this.#began = now;
      this.#next = this.#begin();
    }
    if (this.#left === 0 || now - this.#began > LONGEST) return false;
    this.#left -= 1;
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
