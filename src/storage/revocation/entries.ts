import type { NewRevocation, RevocationMatch } from '../../ports/revocation-log.js';
import { type Bounds, type Lifetime, LONGEST_LIFE, longestLife, withLifetime } from '../../session/expiry.js';
import type { Origin, SessionState } from '../../session/session-state.js';
import { SUPERSEDED } from './reasons.js';
import type { RevocationList } from './revocation-list.js';

/** What the entries depend on. */
export interface RevocationSettings {
  readonly bounds: Bounds;
  readonly revocations: RevocationList | undefined;
  readonly rotationGrace: number;
  readonly clockSkew: number;
}

/** The entries that end sessions, each living as long as any session it matches can. */
export class RevocationEntries {
  readonly #settings: RevocationSettings;

  constructor(settings: RevocationSettings) {
    this.#settings = settings;
  }

  /** Ends one session, tokens being issued for it right now included. */
  ofSession({ lineage, life }: Pick<Origin, 'lineage' | 'life'>, reason: string, now: number): NewRevocation {
    return this.#entry({ lineage }, reason, now, this.#known(life));
  }

  /** Ends a session of which only its names are known: by its lineage, and the one token that bears its id. */
  ofNames(id: string, lineage: string, reason: string, now: number): NewRevocation[] {
    const life = this.#unknown();
    return [this.#entry({ lineage }, reason, now, life), this.#entry({ jti: id }, reason, now, life)];
  }

  /** Ends a session at hand: what it was when it came in, and what tokens made of it since may call it. */
  ofState<Data, User>({ id, lineage, origin }: SessionState<Data, User>, reason: string, now: number): NewRevocation[] {
    const before = origin === undefined ? [] : [this.ofSession(origin, reason, now)];
    return origin?.lineage === lineage ? before : [...before, ...this.ofNames(id, lineage, reason, now)];
  }

  /** Ends the token that a rotation leaves behind, once its grace is over. */
  ofRotation({ id, life }: Pick<Origin, 'id' | 'life'>, now: number): NewRevocation {
    return this.#entry({ jti: id }, SUPERSEDED, now + this.#settings.rotationGrace, this.#known(life));
  }

  /**
   * Ends all sessions of a user that began until now, on any machine whose clock is off by no more than the skew, and those that
   * began since an earlier revocation, whose `since` had to lie behind that one.
   */
  ofUser(uid: string, except: readonly string[], reason: string, now: number): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    const before = revocations?.after(uid, now + clockSkew) ?? now + clockSkew;
    return this.#entry({ uid, before, except }, reason, now, this.#unknown());
  }

  /** Ends all sessions that began until now, likewise. */
  ofEveryone(reason: string, now: number): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    const before = revocations?.afterAll(now + clockSkew) ?? now + clockSkew;
    return this.#entry({ before }, reason, now, this.#unknown());
  }

  #entry(match: RevocationMatch, reason: string, at: number, life: number | null): NewRevocation {
    const { revocations, clockSkew } = this.#settings;
    return { at, until: life === null ? null : at + life + (revocations?.bound ?? 0) + clockSkew, reason, match };
  }

  /** As long as the session's own life, and as the storage's, which it may have had before. */
  #known(life: Lifetime | undefined): number | null {
    const configured = longestLife(this.#settings.bounds);
    const own = longestLife(withLifetime(this.#settings.bounds, life));
    return configured === null || own === null ? null : Math.max(configured, own);
  }

  /** Sessions may have a life of their own: up to the longest there is, and with either bound of the storage's lifted. */
  #unknown(): number | null {
    const { lastAccess, lastUpdate, created } = this.#settings.bounds;
    if (longestLife(this.#settings.bounds) === null) return null;
    const longest = Math.max(LONGEST_LIFE, lastAccess ?? 0, created ?? 0);
    return lastUpdate === null ? longest : Math.min(longest, lastUpdate);
  }
}
