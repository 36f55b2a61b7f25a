import { backoff } from './backoff.js';
import type { Requests } from './requests.js';

const ATTEMPTS = 3;

/** The pause after the first attempt, in ms. */
const PAUSE = 1_000;

/** How long an attempt may take, in ms. */
const LONGEST = 10_000;

/**
 * Fetches a cookie that the stream announced. The response sets it, so it can be HttpOnly. Returns false if the server does not
 * know the claim, or cannot be reached.
 */
export async function fetchCookie(requests: Requests, claim: string, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt += 1) {
    const headers = { 'X-Session-Claim': claim, 'X-Session-Passive': '1' };
    const status = await requests
      .post(headers, { signal: AbortSignal.timeout(LONGEST) })
      .then((response) => response.status)
      .catch(() => 0);
    if (status >= 200 && status < 500) return status < 300;
    await new Promise((resolve) => setTimeout(resolve, backoff(PAUSE, attempt)));
  }
  return false;
}
