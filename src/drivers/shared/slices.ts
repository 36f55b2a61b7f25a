import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Entries in one turn of the loop. */
const MOST = 500;
/** ms in one turn of the loop. */
const LONGEST = 1;

/**
 * Divides work on many entries among turns of the event loop: all work that shares one of these gets 500 entries or 1 ms
 * of a turn, whichever is less. Work that must wait is resumed in the order of asking, one in each turn.
 */
export class Slices {
  #spent = 0;
  #start = 0;
  /** Set while a slice is open, until the next turn. */
  #isOpen = false;
  #last: Promise<void> = Promise.resolve();

  /** Counts entries that were worked on. True when no more are due in this turn: await {@link next} before going on. */
  spend(entries: number): boolean {
    if (!this.#isOpen) this.#open();
    this.#spent += entries;
    return this.#spent >= MOST || performance.now() - this.#start >= LONGEST;
  }

  /** Resolves in a later turn, when the slice of the caller begins. */
  next(): Promise<void> {
    this.#last = this.#last.then(async () => {
      await nextTurn();
      this.#open();
    });
    return this.#last;
  }

  #open(): void {
    this.#isOpen = true;
    this.#spent = 0;
    this.#start = performance.now();
    void this.#close();
  }

  async #close(): Promise<void> {
    await nextTurn();
    this.#isOpen = false;
  }
}
