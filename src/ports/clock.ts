/** A source of time. Tests pass their own as the option `clock`, such as `FakeClock` of `sessions-jwt/testing`. */
export interface Clock {
  /** The current time as whole milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. Reads `Date.now` at each call, so that fake timers work. */
export const systemClock: Clock = { now: () => Date.now() };
