/**
 * The rules that SECURITY.md promises about sessions kept in a store, written down once more as plainly as can be: here nothing ever
 * happens at the same time, so no write can come between another's steps.
 */

import {
  AFTERLIFE,
  contestedKeys,
  type Data,
  expiryOf,
  type Facts,
  GRACE,
  IDLE,
  isSameData,
  merged,
  NOTHING,
  only,
  RESOLUTION,
  REUSE,
} from './server-session-facts.js';

/** What an id that opens no session any more leaves behind. */
interface Tombstone {
  readonly successor: string | undefined;
  readonly at: number;
  readonly isRevoked: boolean;
  /** Its user signed in again since: it leads nobody who has a credential to the successor. */
  readonly isClosed: boolean;
}

/** A session under way in a request. */
export interface Request {
  readonly name: string;
  mine: Facts;
  /** What it last saw stored. */
  base: Facts | undefined;
  /** The credential that its client holds, what that opened, and until when it was said to live. */
  held: { readonly id: string; readonly opened: string; readonly expires: number } | undefined;
  /** The keys that were to cross a change of user, if not all were. */
  kept: readonly string[] | undefined;
  /** It came by an id that was replaced, or its id was replaced since. */
  isAlias: boolean;
  /** Until when it may write, if so. */
  aliasUntil: number;
  /** Nothing more is stored for it. */
  isOver: boolean;
  /** It signed in from a session that was gone without a trace. */
  isLost: boolean;
  isRevoked: boolean;
  /** Its user signed in again, and that is not stored yet. */
  isProved: boolean;
  /** It ended what it was to end. */
  isDone: boolean;
  isChanged: boolean;
  isBlank: boolean;
  force: 'one' | 'all' | undefined;
  ids: number;
}

export type Outcome = 'unchanged' | 'issued' | 'ended' | 'withheld' | 'unavailable';

/** What the storages should make of it all. */
export class ServerSessionModel {
  now: number;
  readonly sessions: Map<string, Facts>;
  readonly requests: Map<string, Request>;
  /** What the storages should have told since somebody looked. */
  readonly told: string[];
  /** What the last operation has still to do, and others may come before. */
  readonly later: ((model: ServerSessionModel) => void)[] = [];
  readonly #tombstones: Map<string, Tombstone>;
  /** The ids that a session had before, by its present one. */
  readonly #earlier: Map<string, readonly string[]>;
  readonly #most: number;

  constructor(now: number, most = Number.POSITIVE_INFINITY, from?: ServerSessionModel) {
    this.now = now;
    this.sessions = new Map(from?.sessions);
    this.requests = new Map([...(from?.requests ?? [])].map(([name, request]) => [name, { ...request }]));
    this.told = [...(from?.told ?? [])];
    this.#tombstones = new Map(from === undefined ? [] : from.#tombstones);
    this.#earlier = new Map(from === undefined ? [] : from.#earlier);
    this.#most = most;
  }

  copy(): ServerSessionModel {
    return new ServerSessionModel(this.now, this.#most, this);
  }

  /** All that it knows, as text. */
  get text(): string {
    const all = [this.sessions, this.#tombstones, this.requests];
    // The same things may have been put in in another order.
    return JSON.stringify(all, (_, one) => (one instanceof Map ? [...one].sort(([a], [b]) => (a < b ? -1 : 1)) : one));
  }

  request(name: string): Request {
    const request = this.requests.get(name);
    if (request === undefined) throw new Error(`no ${name}`);
    return request;
  }

  /** Whether a request's session is there and may still be written. */
  isGoing(name: string): boolean {
    const request = this.requests.get(name);
    return request !== undefined && !(request.isOver || request.isRevoked || request.isDone);
  }

  /** Stored at once, unlike one that is begun blank for a request. */
  create(name: string): void {
    const request = this.#begin(name, undefined, false);
    this.#store(request);
  }

  blank(name: string): void {
    this.#begin(name, undefined, true);
  }

  /** What opening a credential comes to. */
  openingOf(id: string): string {
    const way = this.#openWayOf(id);
    const [first, second] = way;
    const found = this.#leadOpen(id);
    if (first === undefined) return found === undefined ? 'unknown' : this.#judge(found);
    const isYoung = this.now - first.at < GRACE;
    if (isYoung && found !== undefined) return this.#judge(found);
    // Later nobody goes further than to the next.
    const last = (isYoung ? way.at(-1) : second) ?? first;
    // Where the way leads to nothing all of the user's sessions were ended.
    const isLost = found === undefined && last.successor !== undefined && !last.isClosed;
    if (isLost && (isYoung || second === undefined)) return 'revoked';
    return `${last.isRevoked ? 'revoked' : 'superseded'}${isYoung ? ' just now' : ''}`;
  }

  /** Whether a credential leads to its session by a way that gives none. */
  isAlias(id: string): boolean {
    return !this.sessions.has(id);
  }

  find(id: string): Facts | undefined {
    return this.openingOf(id) === 'opened' ? this.#lead(id) : undefined;
  }

  /** A request that came with a credential; what that came to. */
  open(name: string, id: string, isTouching: boolean): string {
    const found = this.find(id);
    if (found === undefined) return this.openingOf(id);
    const request = this.#begin(name, found, false);
    if (isTouching) request.mine = { ...found, lastAccess: Math.max(this.now, found.lastAccess) };
    request.held = { id, opened: found.id, expires: expiryOf(found) };
    request.isAlias = this.isAlias(id);
    request.aliasUntil = this.#endOfGrace(id);
    return 'opened';
  }

  listOfUser(uid: string): Facts[] {
    return [...this.sessions.values()].filter((one) => one.uid === uid && this.now < expiryOf(one));
  }

  put(request: Request, name: 'data' | 'userData', key: string, value: number | undefined): void {
    const data = new Map(request.mine[name]);
    if (value === undefined) data.delete(key);
    else data.set(key, value);
    request.mine = { ...request.mine, [name]: data };
  }

  change(request: Request, changes: Partial<Facts>): void {
    request.mine = { ...request.mine, ...changes };
    request.isChanged = true;
  }

  rotate(request: Request): void {
    request.mine = { ...request.mine, id: newId(request) };
  }

  setUser(request: Request, uid: string | undefined, keep?: readonly string[]): void {
    const { mine } = request;
    const { now } = this;
    const id = newId(request);
    const anew = { lineage: id, created: now, lastAccess: now, lastUpdate: now };
    request.isProved ||= uid !== undefined && uid === mine.uid;
    this.change(request, {
      id,
      ...(uid === mine.uid ? {} : anew),
      uid,
      userData: NOTHING,
      authenticatedAt: uid === undefined ? undefined : now,
      life: uid === mine.uid || mine.uid === undefined ? mine.life : undefined,
    });
    if (keep === undefined) return;
    request.mine = { ...request.mine, data: only(mine.data, keep) };
    request.kept = keep.filter((key) => request.kept?.includes(key) ?? true);
  }

  regenerate(request: Request): void {
    this.setUser(request, undefined, []);
    const { now } = this;
    const { id } = request.mine;
    const anew = { lineage: id, created: now, lastAccess: now, lastUpdate: now, life: undefined, device: undefined };
    this.change(request, anew);
  }

  /** Whether it was stored. */
  save(request: Request, change?: (data: Data) => Data): boolean | 'unavailable' {
    if (request.isRevoked) return false;
    request.isChanged ||= change === undefined;
    if (this.#isOver(request)) return this.#end(request);
    request.mine = { ...request.mine, lastAccess: this.now, lastUpdate: this.now };
    return this.#store(request, change) || (request.isLost ? 'unavailable' : false);
  }

  commit(request: Request): Outcome {
    const { mine, base, force, isBlank } = request;
    if (request.isDone) return this.#withhold(request);
    if (request.isRevoked) return this.#signOut(request);
    if (isBlank && base === undefined && mine.uid === undefined && mine.data.size === 0) return 'unchanged';
    request.isChanged = isChanged(request, base);
    if (force === undefined && !this.#isDue(request)) return this.#settle(request);
    if (this.#isOver(request)) return this.#withhold(request);
    const others = force === 'all' ? mine.uid : undefined;
    if (force !== undefined && request.isAlias) return this.#giveWay(request, others);
    if (force !== undefined) this.#forceNew(request);
    // A rotation stores it anew, which counts as an access.
    if (isUnlike(request, base)) request.mine = { ...request.mine, lastAccess: this.now };
    if (request.isChanged) request.mine = { ...request.mine, lastUpdate: this.now };
    if (!this.#store(request)) return request.isLost ? 'unavailable' : this.#giveWay(request, others);
    const { lineage } = request.mine;
    if (others !== undefined) this.later.push((model) => model.revokeUser(others, lineage));
    return this.#settle(request);
  }

  /** Ends what an id leads to, if it is this user's: whether there was something to end, and what had become of it else. */
  revoke(id: string, uid?: string): 'ended' | 'revoked' | 'superseded' {
    const found = this.#named(id, uid);
    if (uid !== undefined && found?.uid !== uid) return 'revoked';
    if (found === undefined) {
      const last = this.#wayOf(id).at(-1);
      return last?.successor === undefined && last?.isRevoked === false ? 'superseded' : 'revoked';
    }
    this.#bury(found.id);
    return 'ended';
  }

  /** Ends the session of a request from outside of it. */
  revokeSession(request: Request): boolean {
    request.isRevoked = true;
    return request.base !== undefined && this.#endStored(request.base) === 'ended';
  }

  /** All of a user's, but perhaps one. */
  revokeUser(uid: string, except?: string): void {
    for (const { id, uid: own, lineage } of this.sessions.values()) {
      if (own === uid && lineage !== except) this.#bury(id);
    }
  }

  revokeEveryone(): void {
    this.sessions.clear();
    this.#tombstones.clear();
  }

  /** Whether an id was ever stored, and that is remembered. */
  knows(id: string): boolean {
    return this.sessions.has(id) || this.#tombstones.has(id);
  }

  /** Whether a request has given its session a new id that is not stored yet. */
  get isRotating(): boolean {
    return [...this.requests.values()].some(({ mine, base }) => base !== undefined && mine.id !== base.id);
  }

  /** Changes what an id leads to, if `isMeant`, from outside of any request. */
  update(
    id: string,
    uid: string | undefined,
    isMeant: (found: Facts) => boolean,
    change: (data: Data) => Data,
  ): boolean {
    const found = this.#named(id, uid);
    if (found === undefined || this.now >= expiryOf(found) || !isMeant(found)) return false;
    const { version, lastUpdate } = found;
    const times = { version: version + 1, lastUpdate: Math.max(this.now, lastUpdate) };
    this.sessions.set(found.id, { ...found, ...times, data: change(found.data) });
    return true;
  }

  /** Whether the session so named lives, and until when. */
  check(id: string, lineage: string): number | 'ended' {
    const found = this.#lead(id);
    if (found?.lineage !== lineage || this.now >= expiryOf(found)) return 'ended';
    return expiryOf(found);
  }

  sweep(): void {
    for (const one of this.sessions.values()) if (this.now >= expiryOf(one)) this.sessions.delete(one.id);
  }

  #bury(id: string): void {
    this.sessions.delete(id);
    this.#tombstones.set(id, { successor: undefined, at: this.now, isRevoked: true, isClosed: false });
  }

  #begin(name: string, base: Facts | undefined, isBlank: boolean): Request {
    const { now } = this;
    const id = `${name}.0`;
    const fresh: Facts = {
      id,
      lineage: id,
      version: 0,
      uid: undefined,
      data: NOTHING,
      userData: NOTHING,
      created: now,
      lastAccess: now,
      lastUpdate: now,
      authenticatedAt: undefined,
      life: undefined,
      device: undefined,
    };
    const no = {
      aliasUntil: Infinity,
      isAlias: false,
      isOver: false,
      isLost: false,
      isRevoked: false,
      isProved: false,
      isDone: false,
      isChanged: false,
    };
    const none = { held: undefined, kept: undefined, force: undefined };
    const request: Request = { name, mine: base ?? fresh, base, ...no, ...none, isBlank, ids: 0 };
    this.requests.set(name, request);
    return request;
  }

  /** Puts a request's session in the store, together with what others stored since it looked. */
  #store(request: Request, change?: (data: Data) => Data): boolean {
    const before = request.base;
    if (request.isOver) return false;
    if (request.isAlias && this.now >= request.aliasUntil) return this.#end(request);
    if (before === undefined) this.#write(request, undefined, change);
    else {
      const isOwnLineage = request.mine.lineage === before.lineage;
      // Who comes by a replaced id is given no new one, and proves nothing for whoever has that.
      const { authenticatedAt } = before;
      if (request.isAlias && isOwnLineage && request.mine.id !== before.id) {
        request.mine = { ...request.mine, id: before.id, authenticatedAt };
        request.isProved = false;
      }
      // What has expired can be written until it is swept; it is not found any more by whoever has to look for it.
      const same = this.sessions.get(before.id);
      const there = same?.version === before.version ? same : this.#leadOpen(before.id);
      if (there === undefined) {
        const isTraceless = this.#tombstoneOf(before.id) === undefined && !request.isAlias;
        request.isLost = isTraceless && !isOwnLineage && request.mine.uid !== undefined;
        return this.#end(request);
      }
      if (there.id !== before.id) {
        request.isAlias = true;
        request.aliasUntil = this.#endOfGrace(before.id);
        if (this.now >= request.aliasUntil) return this.#end(request);
      }
      if (request.isAlias && !isOwnLineage) return this.#end(request);
      if (request.isAlias) request.mine = { ...request.mine, id: there.id, authenticatedAt };
      const isStale = there.id !== before.id || there.version !== before.version;
      const isWritten = change !== undefined || isUnlike(request, before);
      const contested = isStale && isWritten ? this.#merge(request, before, there) : [];
      if (change !== undefined || isUnlike(request, request.base)) this.#write(request, there, change);
      else this.#touch(request, there);
      if (contested.length > 0) this.told.push(`conflict ${contested.sort()}`);
    }
    return this.#holdToLimit(request, before);
  }

  /** Takes over what others changed; gives the keys that both did, to different ends. */
  #merge(request: Request, base: Facts, theirs: Facts): string[] {
    const { mine, kept } = request;
    const isOwnLineage = mine.lineage === theirs.lineage;
    const taken = <Name extends keyof Facts>(name: Name): Facts[Name] => {
      return isOwnLineage && JSON.stringify(mine[name]) === JSON.stringify(base[name]) ? theirs[name] : mine[name];
    };
    const isOwnUser = mine.uid === theirs.uid;
    request.base = theirs;
    request.mine = {
      ...mine,
      created: isOwnLineage ? theirs.created : mine.created,
      lastAccess: Math.max(mine.lastAccess, theirs.lastAccess),
      lastUpdate: Math.max(mine.lastUpdate, theirs.lastUpdate),
      authenticatedAt: taken('authenticatedAt'),
      life: taken('life'),
      device: taken('device'),
      data: merged(mine.data, base.data, theirs.data, kept),
      userData: isOwnUser ? merged(mine.userData, base.userData, theirs.userData) : mine.userData,
    };
    const ofUser = isOwnUser ? contestedKeys(mine.userData, base.userData, theirs.userData) : [];
    const contested = contestedKeys(mine.data, base.data, theirs.data).filter((key) => kept?.includes(key) ?? true);
    return [...contested, ...ofUser.map((key) => `userData.${key}`)];
  }

  #write(request: Request, there: Facts | undefined, change: (data: Data) => Data = (data) => data): void {
    const mine = { ...request.mine, data: change(request.mine.data) };
    const isSame = there?.id === mine.id;
    const version = isSame ? there.version + 1 : 0;
    if (there !== undefined && !isSame) {
      const successor = there.lineage === mine.lineage ? mine.id : undefined;
      const isClosed = request.isProved && successor !== undefined;
      this.#tombstones.set(there.id, { successor, at: this.now, isRevoked: false, isClosed });
      this.sessions.delete(there.id);
      if (successor !== undefined) this.#earlier.set(mine.id, [...(this.#earlier.get(there.id) ?? []), there.id]);
    }
    this.sessions.set(mine.id, { ...mine, version, lastAccess: isSame ? laterAccess(mine, there) : mine.lastAccess });
    request.mine = mine;
    request.base = { ...mine, version };
    request.isChanged = false;
    request.isProved = false;
    request.kept = undefined;
  }

  /** Moves nothing but its last access. */
  #touch(request: Request, there: Facts): void {
    const { mine, base } = request;
    this.sessions.set(there.id, { ...there, lastAccess: laterAccess(mine, there) });
    if (base !== undefined) request.base = { ...base, lastAccess: mine.lastAccess };
  }

  #end(request: Request): false {
    request.isOver = true;
    return false;
  }

  /** Who signs in beyond the limit ends those who signed in longest ago, perhaps themselves. */
  #holdToLimit(request: Request, before: Facts | undefined): boolean {
    const { uid, lineage } = request.mine;
    const isSignIn = uid !== undefined && (before?.uid !== uid || before.lineage !== lineage);
    if (!isSignIn) return true;
    const excess = this.listOfUser(uid)
      .sort((a, b) => b.created - a.created)
      .slice(this.#most);
    for (const { id } of excess) this.#bury(id);
    return excess.every((one) => one.lineage !== lineage) || this.#end(request);
  }

  #isDue(request: Request): boolean {
    const { mine, base } = request;
    if (base === undefined || isUnlike(request, base)) return true;
    const age = mine.lastAccess - base.lastAccess;
    return age > 0 && age >= Math.min(RESOLUTION, (mine.life?.idleTimeout ?? IDLE) / 10);
  }

  #isOver({ mine, isOver, isRevoked, isDone }: Request): boolean {
    return isOver || isRevoked || isDone || this.now >= expiryOf(mine);
  }

  /** What the client is told. */
  #settle(request: Request): Outcome {
    const { mine, base, held } = request;
    if (request.isAlias || request.isOver) return 'withheld';
    if (base === undefined) return 'unchanged';
    const expires = expiryOf(base);
    if (held?.id === mine.id && held.expires === expires) return 'unchanged';
    request.held = { id: mine.id, opened: mine.id, expires };
    return 'issued';
  }

  #withhold(request: Request): Outcome {
    const { mine, held, force } = request;
    const isNew = mine.id !== (held?.opened ?? mine.id);
    if (force !== undefined || isNew || isChanged(request, request.base)) this.told.push('refused-late-save');
    return 'withheld';
  }

  #signOut(request: Request): Outcome {
    request.isDone = true;
    if (request.base === undefined) return 'ended';
    return this.#endStored(request.base) === 'superseded' ? 'withheld' : 'ended';
  }

  /** Wherever rotations have taken it: a user's session is found even when their traces are gone. */
  #endStored({ id, lineage, uid }: Facts): 'ended' | 'revoked' | 'superseded' {
    const outcome = this.revoke(id);
    if (outcome === 'ended' || uid === undefined) return outcome;
    const moved = this.listOfUser(uid).find((one) => one.lineage === lineage);
    return moved === undefined ? outcome : this.revoke(moved.id);
  }

  #forceNew(request: Request): void {
    const id = newId(request);
    request.mine = { ...request.mine, id, lineage: id };
    request.force = undefined;
  }

  /** Of what a request asks whose id was replaced, only ending everything is possible. */
  #giveWay(request: Request, others: string | undefined): Outcome {
    if (!request.isAlias || others === undefined || others !== request.base?.uid) return this.#withhold(request);
    request.isDone = true;
    this.revokeUser(others);
    return 'ended';
  }

  #judge(found: Facts): string {
    if (this.now < expiryOf(found)) return 'opened';
    const idle = found.lastAccess + (found.life?.idleTimeout ?? IDLE);
    return idle === expiryOf(found) ? 'expired: idle' : 'expired: absolute';
  }

  #tombstoneOf(id: string): Tombstone | undefined {
    const found = this.#tombstones.get(id);
    return found !== undefined && this.now < found.at + REUSE ? found : undefined;
  }

  /** The tombstones that lie between an id and what it leads to. */
  #wayOf(id: string): Tombstone[] {
    const tombstone = this.#tombstoneOf(id);
    if (tombstone === undefined) return [];
    return [tombstone, ...(tombstone.successor === undefined ? [] : this.#wayOf(tombstone.successor))];
  }

  #endOfGrace(id: string): number {
    return (this.#tombstoneOf(id)?.at ?? Infinity) + GRACE;
  }

  /** The same as far as somebody goes who has the credential of that id. */
  #openWayOf(id: string): Tombstone[] {
    const way = this.#wayOf(id);
    const closed = way.findIndex(({ isClosed }) => isClosed);
    return closed === -1 ? way : way.slice(0, closed + 1);
  }

  #leadOpen(id: string): Facts | undefined {
    return this.#wayOf(id).some(({ isClosed }) => isClosed) ? undefined : this.#lead(id);
  }

  /** The same of an id and a uid, which lead there also when the tombstones are gone. */
  #named(id: string, uid: string | undefined): Facts | undefined {
    const isEnded = this.#wayOf(id).at(-1)?.successor === undefined && this.#tombstoneOf(id) !== undefined;
    if (uid === undefined || isEnded) return this.#lead(id);
    const isMeant = (one: Facts): boolean => one.lineage === id || this.#earlier.get(one.id)?.includes(id) === true;
    return this.#lead(id) ?? this.listOfUser(uid).find(isMeant);
  }

  /** The session that an id opens, or that took its place. */
  #lead(id: string): Facts | undefined {
    const way = this.#wayOf(id);
    const last = way.length === 0 ? id : way.at(-1)?.successor;
    const found = last === undefined ? undefined : this.sessions.get(last);
    return found !== undefined && this.now < expiryOf(found) + AFTERLIFE ? found : undefined;
  }
}

function newId(request: Request): string {
  request.ids += 1;
  return `${request.name}.${request.ids}`;
}

/** Whether there is anything to be stored but an access. */
function isUnlike(request: Request, base: Facts | undefined): boolean {
  return request.mine.id !== base?.id || isChanged(request, base);
}

function isChanged({ mine, isChanged }: Request, base: Facts | undefined): boolean {
  const { data, userData } = base ?? { data: NOTHING, userData: NOTHING };
  return isChanged || !isSameData(data, mine.data) || !isSameData(userData, mine.userData);
}

function laterAccess(mine: Facts, there: Facts): number {
  return Math.max(mine.lastAccess, there.lastAccess);
}
