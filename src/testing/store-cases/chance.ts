import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns: at once, about as long as an operation in memory takes, or about as long as one over a network. */
const DELAYS = [1, 4, 40] as const;

/** Chance that is the same on every run, so that a fault that was found is found again. */
export class Chance {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  /** A whole number from 0 up to `below` (xorshift, 32 bits). */
  roll(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  /** Begins `work` at once or a few turns of the loop later, so that two operations meet in ever new ways. */
  async soon<Result>(work: () => Promise<Result>): Promise<Result> {
    const turns = this.roll(DELAYS[this.roll(DELAYS.length)] ?? 1);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    return work();
  }
}
