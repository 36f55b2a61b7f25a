import { randomBytes } from 'node:crypto';
import { digestOf } from '../lib/digest.js';
import type { Bus } from '../ports/bus.js';

/** How long a cookie waits for its client: ms. */
const LIFE = 60_000;

/**
 * Cookies on their way to a browser. The stream, which scripts read, carries a one-time claim. The client's request with that claim gets
 * the cookie, if it comes with the same session. The bus sees a digest of the claim.
 */
export class CookieClaims {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Returns the claim. @throws StoreUnavailable */
  async issue(lineage: string, setCookie: string): Promise<string> {
    const claim = randomBytes(32).toString('base64url');
    await this.#bus.put(keyOf(claim, lineage), setCookie, LIFE);
    return claim;
  }

  /** The cookie, once. `undefined` for a claim that is unknown, used, too old, or of another session. @throws StoreUnavailable */
  async redeem(claim: string, lineage: string): Promise<string | undefined> {
    return /^[A-Za-z0-9_-]{43}$/.test(claim) ? await this.#bus.take(keyOf(claim, lineage)) : undefined;
  }
}

/** Another session's claim has another key, so that it cannot be used up either. */
function keyOf(claim: string, lineage: string): string {
  return `claim.${digestOf(claim, lineage)}`;
}
