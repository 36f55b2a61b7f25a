/** The rules that SECURITY.md promises about one user's browsers, tokens and revocations, written down once more as plainly as can be. */

export const IDLE = 10_000;
export const ABSOLUTE = 40_000;
export const RESOLUTION = 1_000;
export const GRACE = 3_000;
export const SKEW = 1_000;

/** What a token says. */
export interface Token {
  readonly id: number;
  readonly lineage: number;
  readonly uid: string | undefined;
  readonly data: Readonly<Record<string, number>>;
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  readonly authenticatedAt: number | undefined;
  readonly since: number;
}

/** A session under way in a request. */
export interface Open {
  token: Token;
  origin: Token | undefined;
  touched: boolean;
  isRevoked: boolean;
  /** Its user signed in again since the last commit. */
  isProved: boolean;
  isDone: boolean;
  force: 'one' | 'all' | undefined;
}

export type Outcome = 'unchanged' | 'issued' | 'ended' | 'withheld';

interface OfUser {
  readonly uid: string;
  readonly before: number;
  readonly except: number | undefined;
}

/** What the storage should make of it all. */
export class SessionModel {
  now: number;
  readonly #ended = new Map<number, 'revoked' | 'superseded'>();
  readonly #rotatedOut = new Map<number, number>();
  readonly #users: OfUser[] = [];
  #everyoneBefore = -Infinity;
  #ids = 0;

  constructor(now: number) {
    this.now = now;
  }

  create(): Open {
    const { now } = this;
    const id = this.#newId();
    const since = Math.max(now, this.#everyoneBefore + 1);
    const times = { created: now, lastAccess: now, lastUpdate: now, authenticatedAt: undefined, since };
    return this.#open({ id, lineage: id, uid: undefined, data: {}, ...times }, undefined);
  }

  open(token: Token): Open {
    return this.#open({ ...token, lastAccess: Math.max(this.now, token.lastAccess) }, token);
  }

  expiryOf({ lastAccess, created }: Token): number {
    return Math.min(lastAccess + IDLE, created + ABSOLUTE);
  }

  /** What opening a token comes to. */
  openingOf(token: Token): 'opened' | 'revoked' | 'superseded' | 'expired' {
    if (this.now >= this.expiryOf(token)) return 'expired';
    if (this.#isRevokedByTime(token)) return 'revoked';
    const ended = this.#ended.get(token.lineage);
    if (ended !== undefined) return ended;
    return (this.#rotatedOut.get(token.id) ?? Infinity) <= this.now ? 'superseded' : 'opened';
  }

  /** Whether a session was ended, as far as everyone knows. */
  isEnded({ token, isRevoked }: Open): boolean {
    const opening = this.openingOf(token);
    return isRevoked || opening !== 'opened';
  }

  put(session: Open, key: string, value: number | undefined): void {
    const { [key]: _, ...others } = session.token.data;
    session.token = { ...session.token, data: value === undefined ? others : { ...others, [key]: value } };
  }

  save(session: Open): void {
    session.token = { ...session.token, lastAccess: this.now, lastUpdate: this.now };
    session.touched = true;
  }

  rotate(session: Open): void {
    session.token = { ...session.token, id: this.#newId() };
  }

  setUser(session: Open, uid: string | undefined): void {
    const { now } = this;
    const id = this.#newId();
    const life = { lineage: id, created: now, lastAccess: now, lastUpdate: now };
    session.isProved ||= uid !== undefined && uid === session.token.uid;
    session.token = {
      ...session.token,
      id,
      ...(uid === session.token.uid ? {} : life),
      uid,
      authenticatedAt: uid === undefined ? undefined : now,
      since: Math.max(now, this.#newestBefore(uid) + 1),
    };
    session.touched = true;
  }

  isModified({ token, origin, touched }: Open): boolean {
    const before = origin?.data ?? {};
    return touched || token.id !== (origin?.id ?? token.id) || text(before) !== text(token.data);
  }

  commit(session: Open): Outcome {
    const { token, origin, force } = session;
    if (session.isDone) return 'withheld';
    if (session.isRevoked) return this.#end(session);
    const age = token.lastAccess - (origin?.lastAccess ?? -Infinity);
    if (force === undefined && !this.isModified(session) && (age === 0 || age < RESOLUTION)) return 'unchanged';
    if (this.#isOver(session)) return this.#endEverywhere(session) ? 'ended' : 'withheld';
    if (force !== undefined) this.#invalidate(session);
    if (session.touched || text(origin?.data ?? {}) !== text(token.data)) this.save(session);
    if (origin !== undefined && origin.lineage !== session.token.lineage) this.#ended.set(origin.lineage, 'superseded');
    else if (origin !== undefined && origin.id !== session.token.id)
      this.#rotatedOut.set(origin.id, this.now + (session.isProved ? 0 : GRACE));
    Object.assign(session, { origin: session.token, touched: false, isProved: false, force: undefined });
    return 'issued';
  }

  revokeLineage({ lineage }: Token): void {
    this.#ended.set(lineage, 'revoked');
  }

  revokeUser(uid: string, except?: Token): void {
    const before = Math.max(this.now + SKEW, this.#newestBefore(uid) + 1);
    this.#users.push({ uid, before, except: except?.lineage });
  }

  revokeEveryone(): void {
    const newest = Math.max(this.#everyoneBefore, ...this.#users.map(({ before }) => before));
    this.#everyoneBefore = Math.max(this.now + SKEW, newest + 1);
  }

  #open(token: Token, origin: Token | undefined): Open {
    return { token, origin, touched: false, isRevoked: false, isProved: false, isDone: false, force: undefined };
  }

  #end(session: Open): Outcome {
    const { origin } = session;
    session.isDone = true;
    const known = origin === undefined ? undefined : this.#ended.get(origin.lineage);
    if (known === 'superseded') return 'withheld';
    if (origin !== undefined) this.#ended.set(origin.lineage, 'revoked');
    return 'ended';
  }

  /** A late request from a session that is only rotated ends all of its user's, itself included. */
  #endEverywhere(session: Open): boolean {
    const { token, origin, force } = session;
    const { uid } = token;
    if (force !== 'all' || uid === undefined || uid !== origin?.uid || this.expiryOf(origin) <= this.now) return false;
    if (this.#ended.has(origin.lineage) || this.#isRevokedByTime(origin)) return false;
    session.isDone = true;
    this.revokeUser(uid);
    return true;
  }

  #isOver({ token, origin }: Open): boolean {
    const isGone = (one: Token): boolean => this.#ended.has(one.lineage) || this.#rotatedOut.has(one.id);
    return (
      this.expiryOf(token) <= this.now ||
      this.#isRevokedByTime(token) ||
      isGone(token) ||
      (origin !== undefined && isGone(origin))
    );
  }

  #invalidate(session: Open): void {
    const id = this.#newId();
    const { uid, since } = session.token;
    session.token = { ...session.token, id, lineage: id, since: Math.max(since, this.#newestBefore(uid) + 1) };
    if (session.force === 'all' && uid !== undefined) this.revokeUser(uid, session.token);
  }

  #isRevokedByTime({ uid, lineage, since }: Token): boolean {
    return (
      since <= this.#everyoneBefore ||
      this.#users.some((one) => one.uid === uid && since <= one.before && one.except !== lineage)
    );
  }

  #newestBefore(uid: string | undefined): number {
    const own = this.#users.filter((one) => one.uid === uid).map(({ before }) => before);
    return Math.max(this.#everyoneBefore, ...own);
  }

  #newId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}

/** Equal for equal data, in whatever order its keys came. */
function text(data: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
}
