import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop to wait: none, about as long as an operation in memory, or about as long as one over a network. */
const DELAYS = [1, 4, 40] as const;

/** Random numbers that are the same in every run, so that a failure can be reproduced. */
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

  /** Starts `work` at once or a few turns of the event loop later, so that two operations interleave in many ways. */
  async soon<Result>(work: () => Promise<Result>): Promise<Result> {
    const turns = this.roll(DELAYS[this.roll(DELAYS.length)] ?? 1);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    return work();
  }
}
