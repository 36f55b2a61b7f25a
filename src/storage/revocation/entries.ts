import type { NewRevocation, RevocationMatch } from '../../ports/revocation-log.js';
import { type Bounds, type Lifetime, LONGEST_LIFE, longestLife, withLifetime } from '../../session/expiry.js';
import type { Origin, SessionState } from '../../session/session-state.js';
import { SUPERSEDED } from './reasons.js';
import type { RevocationList } from './revocation-list.js';

/** In characters. A reason may be text of a user, and all entries of a page are read within one deadline. */
const LONGEST_REASON = 255;

/** The settings that entries depend on. */
export interface RevocationSettings {
  readonly bounds: Bounds;
  readonly revocations: RevocationList | undefined;
  readonly rotationGrace: number;
  readonly clockSkew: number;
}

/** What is known of the lifetime of a session. `expires`: when its token expires, if it has one: ms timestamp, or `Infinity`. */
interface Known {
  readonly life: Lifetime | undefined;
  readonly expires?: number | undefined;
}

/** Makes the entries that end sessions. An entry is kept for as long as a session that it matches can live. */
export class RevocationEntries {
  readonly #settings: RevocationSettings;

  constructor(settings: RevocationSettings) {
    this.#settings = settings;
  }

  /** Ends one session, including tokens that are being issued for it at this moment. */
  ofSession({ lineage, life, expires }: Known & Pick<Origin, 'lineage'>, reason: string, now: number): NewRevocation {
    return this.#entry({ lineage }, reason, now, this.#known({ life, expires }, now));
  }

  /**
   * Ends a session of which only the id and the lineage are known: all tokens of the lineage, and the token with this
   * id.
   */
  ofNames(id: string, lineage: string, reason: string, now: number): NewRevocation[] {
    const life = this.#unknown();
    return [this.#entry({ lineage }, reason, now, life), this.#entry({ jti: id }, reason, now, life)];
  }

  /** Ends a session as it was when the request began, and under the id and lineage that it has now. */
  ofState<Data, User>({ id, lineage, origin }: SessionState<Data, User>, reason: string, now: number): NewRevocation[] {
    const before = origin === undefined ? [] : [this.ofSession(origin, reason, now)];
    return origin?.lineage === lineage ? before : [...before, ...this.ofNames(id, lineage, reason, now)];
  }

  /** Ends the token that a rotation replaced: at the end of its grace, or at once if its user has signed in again. */
  ofRotation({ id, life, expires }: Known & Pick<Origin, 'id'>, proved: boolean, now: number): NewRevocation {
    const at = proved ? now : now + this.#settings.rotationGrace;
    return this.#entry({ jti: id }, SUPERSEDED, at, this.#known({ life, expires }, at));
  }

  /**
   * Ends all sessions of a user that began up to now, also on machines whose clock is ahead by up to `clockSkew`.
   * `before` is later than that of any earlier revocation, so sessions that signed in after such a revocation end too.
   */
  ofUser(uid: string, except: readonly string[], reason: string, now: number): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    const before = revocations?.after(uid, now + clockSkew) ?? now + clockSkew;
    return this.#entry({ uid, before, except }, reason, now, this.#unknown());
  }

  /** Ends all sessions that began up to now; `before` as in `ofUser`. */
  ofEveryone(reason: string, now: number): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    const before = revocations?.afterAll(now + clockSkew) ?? now + clockSkew;
    return this.#entry({ before }, reason, now, this.#unknown());
  }

  #entry(match: RevocationMatch, reason: string, at: number, life: number | null): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    return {
      at,
      until: life === null ? null : at + life + (revocations?.bound ?? 0) + clockSkew,
      reason: reason.slice(0, LONGEST_REASON),
      match,
    };
  }

  /**
   * The longest of: the session's own lifetime, the storage's, which it may have had before, and the rest of its token's. A
   * token that lasts longer comes from a process, or a time, with a longer timeout, and so may other tokens of the session.
   */
  #known({ life, expires = 0 }: Known, now: number): number | null {
    const configured = longestLife(this.#settings.bounds);
    const own = longestLife(withLifetime(this.#settings.bounds, life));
    if (configured === null || own === null || expires === Number.POSITIVE_INFINITY) return null;
    const longest = Math.max(configured, own);
    // The expiry in a token is rounded up to a second.
    return expires - now >= longest + 1000 ? expires - now : longest;
  }

  /** The longest lifetime that `setLifetime` allows: up to 400 days, or without one of the storage's timeouts. */
  #unknown(): number | null {
    const { lastAccess, lastUpdate, created } = this.#settings.bounds;
    if (longestLife(this.#settings.bounds) === null) return null;
    const longest = Math.max(LONGEST_LIFE, lastAccess ?? 0, created ?? 0);
    return lastUpdate === null ? longest : Math.min(longest, lastUpdate);
  }
}
