import type { NewRevocation } from '../../ports/revocation-log.js';
import { type FingerprintEntry, FingerprintTable } from './fingerprint-table.js';
import { SUPERSEDED } from './reasons.js';

/** The names that a revocation may match: without an id, no token in particular is meant. */
export interface RevocableNames {
  readonly lineage: string;
  readonly id?: string | undefined;
}

/** What of a session or token revocations are matched against. */
export interface Revocable extends RevocableNames {
  readonly uid: string | undefined;
  readonly since: number;
}

/** A revocation that matches: since when, as far as that is still known, and of which kind. */
export interface Verdict {
  readonly reason: 'revoked' | 'superseded';
  /** ms: from when it holds; -Infinity once that is long ago. */
  readonly at: number;
  /** Whether the same client may have been given a newer credential just then. */
  readonly handedOver: boolean;
}

/** All revocations of one user in one: what got its user until `before` is over, and of `exempt` what did until then. */
interface UserRevocation {
  readonly before: number;
  readonly exempt: ReadonlyMap<string, number>;
  readonly until: number | null;
}

/**
 * The revocations in force, for looking up without I/O: lineages and token ids as prints at 12 bytes each, users by exact
 * name (a uid may be chosen by an attacker, so nothing is truncated), and one instant for everyone.
 */
export class RevocationIndex {
  readonly #lineages = new FingerprintTable();
  readonly #tokens = new FingerprintTable();
  readonly #users = new Map<string, UserRevocation>();
  #everyoneBefore = Number.NEGATIVE_INFINITY;
  /** When the newest lineages and tokens were revoked; in order of arrival, so that the front is what leaves first. */
  readonly #recent = new Map<string, number>();
  /** The newest `before` of any user or of everyone. */
  newestBeforeOfAll: number = LONG_AGO;
  /** ms that `#recent` reaches back. */
  keepRecent = 0;

  add({ at, until, reason, match }: NewRevocation, now: number): void {
    if ('lineage' in match) {
      this.#lineages.add(match.lineage, until, reason === SUPERSEDED, now);
      this.#remember(`lineage ${match.lineage}`, at, now);
    } else if ('jti' in match) {
      this.#tokens.add(match.jti, until, reason === SUPERSEDED, now);
      this.#remember(`token ${match.jti}`, at, now);
    } else if ('uid' in match) {
      const exempt = new Map(match.except.map((lineage) => [lineage, LONG_AGO]));
      this.#addUser(match.uid, { before: match.before, exempt, until }, now);
      this.newestBeforeOfAll = Math.max(this.newestBeforeOfAll, match.before);
    } else if (Number.isFinite(match.before)) {
      this.#everyoneBefore = Math.max(this.#everyoneBefore, match.before);
      this.newestBeforeOfAll = Math.max(this.newestBeforeOfAll, match.before);
    }
  }

  find(session: Revocable, now: number): Verdict | undefined {
    const { lineage, uid, since } = session;
    if (since <= this.#everyoneBefore) return LONG_REVOKED;
    if (uid !== undefined && this.#isUserRevoked(uid, lineage, since)) return LONG_REVOKED;
    return this.findNames(session, now);
  }

  /** The same by names alone: whose the session is, and since when, stays out of it. */
  findNames({ lineage, id }: RevocableNames, now: number): Verdict | undefined {
    const byLineage = this.#lineages.find(lineage, now);
    if (byLineage !== undefined) {
      const at = this.#recent.get(`lineage ${lineage}`);
      // Of a clock that is ahead, or of one that stepped back: what ended has ended.
      return { reason: reasonOf(byLineage), at: Math.min(at ?? LONG_AGO, now), handedOver: at !== undefined };
    }
    const byToken = id === undefined ? undefined : this.#tokens.find(id, now);
    if (byToken === undefined) return undefined;
    // Only what rotation left has a time to come, its grace; whoever comes after that has missed the handing over.
    const at = byToken.flag ? this.#recent.get(`token ${id}`) : undefined;
    return { reason: reasonOf(byToken), at: at ?? LONG_AGO, handedOver: false };
  }

  /** Has a lineage count as revoked long ago. */
  forgetHandingOver(lineage: string): void {
    this.#recent.delete(`lineage ${lineage}`);
  }

  /** The newest `before` that a new session of this user must come after; -Infinity when there is none. */
  newestBefore(uid: string | undefined): number {
    const own = uid === undefined ? undefined : this.#users.get(uid);
    return Math.max(own?.before ?? LONG_AGO, this.#everyoneBefore);
  }

  #isUserRevoked(uid: string, lineage: string, since: number): boolean {
    const known = this.#users.get(uid);
    return known !== undefined && since <= (known.exempt.get(lineage) ?? known.before);
  }

  #addUser(uid: string, added: UserRevocation, now: number): void {
    const known = this.#users.get(uid);
    this.#users.delete(uid);
    this.#users.set(uid, known === undefined || isOver(known, now) ? added : merged(known, added));
    this.#sweepUsers(now);
  }

  /** Looks at the two that were looked at longest ago: enough to keep up, as it comes with each one that is added. */
  #sweepUsers(now: number): void {
    for (const [uid, known] of [...firstTwo(this.#users)]) {
      this.#users.delete(uid);
      if (!isOver(known, now)) this.#users.set(uid, known);
    }
  }

  #remember(key: string, at: number, now: number): void {
    if (at + this.keepRecent <= now) return;
    this.#recent.delete(key);
    this.#recent.set(key, at);
    for (const [oldest, since] of this.#recent) {
      if (since + this.keepRecent > now) break;
      this.#recent.delete(oldest);
    }
  }
}

const LONG_AGO = Number.NEGATIVE_INFINITY;

const LONG_REVOKED: Verdict = Object.freeze({ reason: 'revoked', at: LONG_AGO, handedOver: false });

function reasonOf({ flag }: FingerprintEntry): Verdict['reason'] {
  return flag ? SUPERSEDED : 'revoked';
}

function isOver({ until }: UserRevocation, now: number): boolean {
  return until !== null && until < now;
}

/** No more than the later one's exemptions are kept: all other lineages are over until its `before`, which is the later. */
function merged(a: UserRevocation, b: UserRevocation): UserRevocation {
  const [earlier, later] = a.before <= b.before ? [a, b] : [b, a];
  const exempt = Array.from(later.exempt, ([lineage, before]) => {
    return [lineage, Math.max(before, earlier.exempt.get(lineage) ?? earlier.before)] as const;
  });
  const until = a.until === null || b.until === null ? null : Math.max(a.until, b.until);
  return { before: later.before, exempt: new Map(exempt), until };
}

function* firstTwo<Key, Value>(map: Map<Key, Value>): Generator<[Key, Value]> {
  let count = 0;
  for (const entry of map) {
    if (count === 2) return;
    count += 1;
    yield entry;
  }
}
