import type { NewRevocation } from '../../ports/revocation-log.js';
import { AgingMap } from './aging-map.js';
import { type FingerprintEntry, FingerprintTable } from './fingerprint-table.js';
import { SUPERSEDED } from './reasons.js';

/**
 * How many revocations are remembered with their time, about 10 MB. What is dropped before its time counts as revoked long ago. An entry from a clock that is
 * ahead would keep all after it.
 */
const MOST_RECENT = 50_000;

/** The names that a revocation can match. Without an `id`, revocations of single tokens are not considered. */
export interface RevocableNames {
  readonly lineage: string;
  readonly id?: string | undefined;
}

/** The properties of a session or token that a revocation can match. */
export interface Revocable extends RevocableNames {
  readonly uid: string | undefined;
  readonly since: number;
}

/** A revocation that matches: its kind, and when it applies from, if that is still known. */
export interface Verdict {
  readonly reason: 'revoked' | 'superseded';
  /** ms timestamp from which it applies; -Infinity if that is long ago or no longer known. */
  readonly at: number;
  /** Whether the same client may have received a newer credential at that moment. */
  readonly handedOver: boolean;
}

/**
 * All revocations of one user, combined. They end sessions whose `since` is at most `before`; for a lineage in
 * `exempt`, at most its value there.
 */
interface UserRevocation {
  readonly before: number;
  readonly exempt: ReadonlyMap<string, number>;
  readonly until: number | null;
}

/**
 * The revocations in effect. Lookups do no I/O. Lineages and token ids are stored as fingerprints of 12 bytes. Users
 * are stored by their full uid, because an attacker may be able to choose a uid. A single time covers everyone.
 */
export class RevocationIndex {
  readonly #lineages = new FingerprintTable();
  readonly #tokens = new FingerprintTable();
  readonly #users = new Map<string, UserRevocation>();
  #everyoneBefore = Number.NEGATIVE_INFINITY;
  /** When the latest lineages and tokens were revoked, in order of arrival, so that the first entry is the oldest. */
  readonly #recent = new AgingMap<number>();
  /** The latest `before` of any user or of everyone. */
  newestBeforeOfAll: number = LONG_AGO;
  /** How far back `#recent` reaches, in ms. */
  keepRecent = 0;

  add({ at, until, reason, match }: NewRevocation, now: number): void {
    if ('lineage' in match) {
      this.#lineages.add(match.lineage, until, reason === SUPERSEDED, now);
      this.#remember('lineage', match.lineage, at, now);
    } else if ('jti' in match) {
      // What was revoked stays so, although a rotation that was under way is read later, and would apply at the end of its grace.
      const isRevoked = this.#tokens.find(match.jti, now)?.flag === false;
      const isSuperseded = reason === SUPERSEDED && !isRevoked;
      this.#tokens.add(match.jti, until, isSuperseded, now);
      this.#remember('token', match.jti, at, now);
      // At once: its user has signed in again, and the newer token is on its way.
      if (isSuperseded && at <= now) this.#remember('handed over', match.jti, at, now);
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

  /** The same without the user: ignores revocations of a user or of everyone. */
  findNames({ lineage, id }: RevocableNames, now: number): Verdict | undefined {
    const byLineage = this.#lineages.find(lineage, now);
    if (byLineage !== undefined) {
      const at = this.#recent.get(`lineage ${lineage}`);
      // `at` can lie in the future if another machine's clock is ahead, or if this one was set back.
      return { reason: reasonOf(byLineage), at: Math.min(at ?? LONG_AGO, now), handedOver: at !== undefined };
    }
    const byToken = id === undefined ? undefined : this.#tokens.find(id, now);
    if (byToken === undefined) return undefined;
    // Only a rotation without a new sign-in applies in the future: at the end of its grace. By then the client must have
    // the newer credential.
    const at = byToken.flag ? this.#recent.get(`token ${id}`) : undefined;
    const handedOver = this.#recent.has(`handed over ${id}`);
    // What was handed over had applied at once, even if this clock was set back since.
    const since = at !== undefined && handedOver ? Math.min(at, now) : at;
    return { reason: reasonOf(byToken), at: since ?? LONG_AGO, handedOver };
  }

  /** Treats a lineage as revoked long ago. */
  forgetHandingOver(lineage: string): void {
    this.#recent.delete(`lineage ${lineage}`);
  }

  /** The latest `before` that applies to a new session of this user; -Infinity if there is none. */
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

  /** Checks the two users that were checked longest ago. That is enough, because it runs for every addition. */
  #sweepUsers(now: number): void {
    for (const [uid, known] of [...firstTwo(this.#users)]) {
      this.#users.delete(uid);
      if (!isOver(known, now)) this.#users.set(uid, known);
    }
  }

  #remember(kind: string, name: string, at: number, now: number): void {
    if (at + this.keepRecent <= now) return;
    this.#recent.set(`${kind} ${name}`, at);
    this.#recent.dropWhile((oldest) => this.#recent.size > MOST_RECENT || oldest + this.keepRecent <= now);
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

/** Only the exemptions of the later revocation are kept: it ends all other lineages up to its own `before`. */
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
