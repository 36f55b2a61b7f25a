/** Where the time comes from. Give one of your own to `clock` options in tests. */
export interface Clock {
  /** The current time as whole milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock; looked up at each call, so that fake timers work. */
export const systemClock: Clock = { now: () => Date.now() };
