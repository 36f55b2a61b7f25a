import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Entries per turn of the event loop. */
const MOST = 500;
/** ms per turn of the event loop. */
const LONGEST = 1;

/**
 * Divides work on many entries among turns of the event loop. All work that shares one object gets 500 entries or 1 ms per turn, whichever
 * is less. Work that must wait resumes in the order in which it asked, one per turn.
 */
export class Slices {
  #spent = 0;
  #start = 0;
  /** Whether a slice is open: until the next turn. */
  #isOpen = false;
  #last: Promise<void> = Promise.resolve();

  /** Counts processed entries. Returns true when this turn's share is used up: await {@link next} before continuing. */
  spend(entries: number): boolean {
    if (!this.#isOpen) this.#open();
    this.#spent += entries;
    return this.#spent >= MOST || performance.now() - this.#start >= LONGEST;
  }

  /** Resolves in a later turn, when the caller's slice begins. */
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
