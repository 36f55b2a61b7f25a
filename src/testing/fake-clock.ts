import type { Clock } from '../ports/clock.js';

/** A clock for tests, to pass as an option `clock`. It moves only when `advance` or `set` is called. */
export class FakeClock implements Clock {
  #now: number;

  /**
   * `start`: ms timestamp. Default: the machine's time.
   * @throws TypeError when it is not a whole number
   */
  constructor(start: number = Date.now()) {
    this.#now = whole('start', start);
  }

  /** The clock's time as a ms timestamp. */
  now(): number {
    return this.#now;
  }

  /** Moves the clock forward by `ms`. @throws TypeError when that is negative or not a whole number */
  advance(ms: number): void {
    if (whole('ms', ms) < 0)
      throw new TypeError(
        `FakeClock.advance: ms must not be negative, got ${ms}: call set(timestamp) to move the clock back`,
      );
    this.#now += ms;
  }

  /** Sets the clock to a ms timestamp, earlier or later. @throws TypeError when that is not a whole number */
  set(timestamp: number): void {
    this.#now = whole('timestamp', timestamp);
  }
}

function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`FakeClock: ${name} must be a whole number of ms`);
  return value;
}
