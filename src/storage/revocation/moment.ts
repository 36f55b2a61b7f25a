/**
 * How far the machine's clock may fall behind the monotonic one before it counts as set back, in ms. Below that, both
 * measure the same time.
 */
const SLACK = 1000;

/** A point in time, from which age is measured by two clocks. */
export interface Moment {
  /** ms timestamp of the list's clock. It also advances while the machine sleeps. */
  readonly wall: number;
  /** ms of `performance.now()`, which is never set back. */
  readonly monotonic: number;
}

/** The present, or `ago` ms before it. */
export function momentOf(now: number, ago = 0): Moment {
  return { wall: now - ago, monotonic: performance.now() - ago };
}

/** How long ago that was, in ms. A clock that was set back since makes nothing younger. */
export function ageOf({ wall, monotonic }: Moment, now: number): number {
  const age = Math.max(0, now - wall);
  const elapsed = performance.now() - monotonic;
  return elapsed > age + SLACK ? Math.floor(elapsed) : age;
}

/** The earlier of the two. */
export function earlier(a: Moment, b: Moment): Moment {
  return a.monotonic <= b.monotonic ? a : b;
}
