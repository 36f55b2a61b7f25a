/** The longest pause between two attempts, in ms. */
const LONGEST = 60_000;

/** The longest time that a server may ask a client to wait, in ms. */
export const LONGEST_ASKED = 3_600_000;

/**
 * How long to wait before the next attempt, in ms: exponential backoff with full jitter, so that clients of a server that restarts
 * come back spread over time.
 * @param retry the pause that the server suggests, in ms
 * @param attempt how many attempts in a row have failed
 */
export function backoff(retry: number, attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST, retry * 2 ** attempt);
}

/** The value of a Retry-After header in ms: seconds or a date (RFC 9110 section 10.2.3). 0 without one. */
export function retryAfterOf(value: string | null, now: number): number {
  if (value === null) return 0;
  const asked = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), LONGEST_ASKED);
}
