import type { Clock } from '../../../src/index.js';

/** The machine's clock, until it is set: from then on it stands still. */
export class SetClock implements Clock {
  #time: number | null;

  /** `time`: as for `set`. */
  constructor(time: number | null) {
    this.#time = time;
  }

  now(): number {
    return this.#time ?? Date.now();
  }

  /** Sets the clock to a ms timestamp; `null` makes it the machine's clock again. */
  set(time: number | null): void {
    this.#time = time;
  }
}
