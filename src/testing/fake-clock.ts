import type { Clock } from '../ports/clock.js';

/** A clock that stands still until it is told otherwise: give it to `clock` options in tests. */
export class FakeClock implements Clock {
  #now: number;

  /**
   * `start`: ms timestamp, default the machine's time.
   * @throws TypeError when it is not a whole number
   */
  constructor(start: number = Date.now()) {
    this.#now = whole('start', start);
  }

  /** The ms timestamp that it stands at. */
  now(): number {
    return this.#now;
  }

  /** Lets `ms` pass. @throws TypeError when that is not a whole number from 0; `set` can put it back */
  advance(ms: number): void {
    if (whole('ms', ms) < 0)
      throw new TypeError(`FakeClock: ms is ${ms}, and time passes forward; set() can put it back`);
    this.#now += ms;
  }

  /** Puts it to a ms timestamp, earlier or later. @throws TypeError when that is not a whole number */
  set(timestamp: number): void {
    this.#now = whole('timestamp', timestamp);
  }
}

function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`FakeClock: ${name} must be a whole number of ms`);
  return value;
}
