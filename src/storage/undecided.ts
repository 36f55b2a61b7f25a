/** How long a credential that cannot be judged here keeps its client from a new anonymous session, in ms. */
const LONGEST_DOUBT = 3_600_000;

/**
 * Whether a credential that cannot be judged here and now may be good in another process, or later. Only a recent one: a
 * planted or stale credential must not keep a visitor from a session for good.
 *
 * @param latest the latest time that it has: ms timestamp
 * @param ahead how far that may be ahead of this clock, in ms
 */
export function isUndecided(latest: number | undefined, now: number, ahead: number = LONGEST_DOUBT): boolean {
  return latest !== undefined && now - latest < LONGEST_DOUBT && latest - now < ahead;
}
