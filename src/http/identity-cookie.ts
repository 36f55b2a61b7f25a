import type { KeyObject } from 'node:crypto';
import type { Identity } from '../identity/claims.js';
import type { IdentityIssuer } from '../identity/issuer.js';
import type { SessionFacts } from '../storage/events.js';
import type { CommitResult, OpenedSession } from '../storage/session-source.js';
import type { Exchange } from './exchange.js';
import type { Channel, CookieTransport } from './transports/cookie.js';

/** A request whose session was committed. */
export interface SettledVisit {
  readonly session: Pick<OpenedSession, 'uid' | 'lineage' | 'authenticatedAt' | 'sidLife' | 'isEnded'> | undefined;
  /** The session that the request's sid opened. */
  readonly opened: SessionFacts | undefined;
  /** Whether the request had a sid, in the session cookie. */
  readonly hasCookie: boolean;
  readonly outcome: CommitResult['outcome'];
  /** When the session was last known to be valid: ms timestamp. `undefined` if the request was no activity and issued nothing. */
  readonly goodAt: number | undefined;
  readonly now: number;
}

/** A session, whose user there may be. */
export interface Identified extends Omit<Identity, 'uid'> {
  readonly uid: string | undefined;
}

/** The cookie that tells other services who is signed in. Never a credential here. */
export class IdentityCookie {
  readonly #transport: CookieTransport;
  readonly #issuer: IdentityIssuer;

  constructor(transport: CookieTransport, issuer: IdentityIssuer) {
    this.#transport = transport;
    this.#issuer = issuer;
  }

  get name(): string {
    return this.#transport.rules.name;
  }

  /** Its keys, which are not to be those of the sessions. */
  get keys(): readonly KeyObject[] {
    return this.#issuer.keys;
  }

  /**
   * Sends the cookie if the client needs a new one, or clears it if nobody is signed in. Returns whether it did.
   *
   * The life of a token counts from when its session was known to be valid, not from the end of the request: a request that was
   * under way during a sign-out sends no token that lasts longer than others do.
   */
  settle(exchange: Exchange, visit: SettledVisit): boolean {
    const { session, opened, hasCookie, outcome, goodAt } = visit;
    const uid = session?.uid;
    if (outcome === 'withheld') return false;
    if (outcome === 'ended') return hasCookie && this.#clear(exchange);
    if (session === undefined || uid === undefined) {
      const hasSignedOut = outcome === 'issued' && opened?.uid !== undefined;
      // Without a sid, the browser may have a session whose cookie it left out.
      const isStale = hasCookie && goodAt !== undefined && this.#transport.readSids(exchange) !== undefined;
      return (hasSignedOut || isStale) && this.#clear(exchange);
    }
    const { lineage, authenticatedAt, sidLife } = session;
    if (goodAt === undefined || sidLife === undefined) return false;
    const { expires, persistent } = sidLife;
    const identity = this.#issuer.identityOf({ uid, lineage, authenticatedAt, expires }, goodAt);
    if (!this.#isDue(exchange, identity, expires, visit.now) || session.isEnded) return false;
    const life = { expires: identity.expires, persistent, now: visit.now, isRenewal: opened?.lineage === lineage };
    this.#transport.send(exchange, this.#issuer.issue(identity, goodAt), life);
    return true;
  }

  /** The line that sets the cookie for a session as it is now, or clears it if nobody is signed in, as the value of a Set-Cookie header. */
  lineFor(channel: Channel, session: Identified, now: number): string {
    const { uid, lineage, authenticatedAt, expires } = session;
    if (uid === undefined) return this.#transport.clearingLine(channel);
    const identity = this.#issuer.identityOf({ uid, lineage, authenticatedAt, expires }, now);
    const life = { expires: identity.expires, persistent: undefined, now, isRenewal: false };
    return this.#transport.lineOf(channel, this.#issuer.issue(identity, now), life);
  }

  #clear(exchange: Exchange): true {
    this.#transport.clear(exchange);
    return true;
  }

  /** Whether the client has no token that says the same and has half of its life left. The first cookie of the name is what services read. */
  #isDue(exchange: Exchange, next: Identity, endOfSession: number, now: number): boolean {
    if (next.expires <= now) return false;
    const held = this.#issuer.read(this.#transport.readSids(exchange)?.[0], now);
    if (typeof held === 'string' || held.uid !== next.uid || held.lineage !== next.lineage) return true;
    if (held.authenticatedAt !== next.authenticatedAt || held.expires > endOfSession) return true;
    return held.expires - now < this.#issuer.life / 2 && held.expires < next.expires;
  }
}
