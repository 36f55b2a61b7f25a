import { SessionEnded } from '../errors.js';
import { showAs } from '../lib/inspect.js';
import { copyAsJson, deepFreeze, isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { knownOnly } from '../lib/known-only.js';
import { ATTRIBUTES, refuseToSet, type SessionAttributes } from './attributes.js';
import { type Callback, refuseMore } from './callback.js';
import { endOf, type Lifetime } from './expiry.js';
import { checkLifetime } from './lifetime.js';
import { EXPRESS_WAYS, OTHER_WAYS, refuseAssignment, refuseCalls, refuseCookie, STORE_WAYS } from './other-ways.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { checkChange, runChange } from './run-change.js';
import type { SessionHost } from './session-host.js';
import { type ForceInvalidate, isModified, type SessionState } from './session-state.js';
import { refuseUnknown } from './unknown-property.js';
import { type PlainUser, readUser, type UserId, type UserModel } from './user.js';

/** Names a session without being a credential: any session, or an entry of a list of sessions. */
export interface SessionRef {
  readonly id: string;
  readonly lineage: string;
}

/** How `setUser` treats the session's data. */
export interface SetUserOptions {
  /** The top-level keys of sessionData that stay; all the others go. Default: everything stays. */
  readonly keep?: readonly string[];
}

type AnyUser<User> = UserModel<User> | PlainUser<User> | UserId | null | false;

const NOBODY = { uid: undefined, userData: undefined };

const NO_INFO: Readonly<Record<string, unknown>> = Object.freeze({});

const FORCES: ReadonlySet<string> = new Set<ForceInvalidate>([
  'CurrentSessionId',
  'AllSessionIdsOfLoggedUser',
  'DoNotForceInvalidate',
]);

/** @internal The state behind a session, for the storages. */
export let stateOf: <Data, User>(session: SessionModel<Data, User>) => SessionState<Data, User>;

/** @internal The storage's side of a session. */
export let hostOf: <Data, User>(session: SessionModel<Data, User>) => SessionHost<Data, User>;

/**
 * A session: who is signed in, since when, and a little data; carried in a token or kept in a store.
 * All times are ms timestamps, all durations ms.
 */
export abstract class SessionModel<Data = RegisteredData, User = RegisteredUser> implements SessionRef {
  readonly #state: SessionState<Data, User>;
  readonly #host: SessionHost<Data, User>;

  static {
    stateOf = (session) => session.#state;
    hostOf = (session) => session.#host;
    // Neither the data nor any credential.
    refuseUnknown(SessionModel.prototype, (session) => session instanceof SessionModel && session.keepsProperties);
    refuseAssignment(SessionModel.prototype, OTHER_WAYS, 'session');
    refuseCalls(SessionModel.prototype, EXPRESS_WAYS);
    refuseCookie(SessionModel.prototype);
    showAs(SessionModel.prototype, (session) => {
      const { id, lineage, uid, created, lastAccess, lastUpdate } = session.#state;
      return `${session.constructor.name} ${JSON.stringify({ id, lineage, uid, created, lastAccess, lastUpdate })}`;
    });
  }

  /** @internal Sessions come from a storage's `create` and `get`. */
  constructor(state: SessionState<Data, User>, host: SessionHost<Data, User>) {
    this.#state = state;
    this.#host = host;
  }

  /** Internal identity, new at every rotation. Safe to log; never accepted as a credential. */
  get id(): string {
    return this.#state.id;
  }

  /** The identity that survives rotation and ends with a change of user: what audit rows and device lists refer to. */
  get lineage(): string {
    return this.#state.lineage;
  }

  /** The session's own data; change it in place or assign to it. Changes are noticed by comparing JSON. */
  get sessionData(): Data {
    return this.#state.sessionData.value;
  }

  /** @throws SessionDataInvalid when JSON cannot carry it @throws SessionEnded after `revoke` */
  set sessionData(value: Data & object) {
    this.#writable().sessionData.replace(value);
  }

  /** The signed-in user's id; `undefined` when nobody is signed in. Changed by `setUser`. */
  get uid(): string | undefined {
    return this.#state.uid;
  }

  /** What the application keeps about the user; `{}` when nobody is signed in. */
  get userData(): Partial<User> {
    return this.#state.userData.value;
  }

  /** Refreshes it without rotation. @throws TypeError when nobody is signed in @throws SessionDataInvalid @throws SessionEnded */
  set userData(value: Partial<User> & object) {
    const state = this.#writable();
    if (state.uid === undefined) throw new TypeError('userData belongs to a user: sign one in with setUser first');
    state.userData.replace(value);
  }

  /** When this session's life began: at its creation, and anew when its user changed. */
  get created(): number {
    return this.#state.created;
  }

  /** When it was last handed in. */
  get lastAccess(): number {
    return this.#state.lastAccess;
  }

  /** When its data was last saved. */
  get lastUpdate(): number {
    return this.#state.lastUpdate;
  }

  /** When the user last proved who they are, that is, when `setUser` was last called with them. */
  get authenticatedAt(): number | undefined {
    return this.#state.authenticatedAt;
  }

  /** A few words for a list of devices (such as `{ device: 'Firefox on Linux' }`); frozen, replaced by assignment. */
  get info(): Readonly<Record<string, unknown>> {
    return this.#state.info ?? NO_INFO;
  }

  /** @throws SessionDataInvalid when JSON cannot carry it @throws SessionEnded after `revoke` */
  set info(value: Readonly<Record<string, unknown>>) {
    const state = this.#writable();
    const info = copyAsJson(value, 'info');
    state.info = Object.keys(info).length === 0 ? undefined : deepFreeze(info);
    state.changed = true;
  }

  /** An attribute by name; `undefined` for a name that is none. */
  get<Name extends keyof SessionAttributes<Data, User>>(name: Name): SessionAttributes<Data, User>[Name];
  get(name: string): unknown {
    return ATTRIBUTES.has(name) ? Reflect.get(this, name, this) : undefined;
  }

  /** Whether the attribute has a value: false for undefined and null. */
  has(name: string): boolean {
    return ATTRIBUTES.has(name) && (Reflect.get(this, name, this) ?? undefined) !== undefined;
  }

  /**
   * Sets sessionData or userData, by name or both in an object.
   * @throws TypeError for any other name, saying how that one changes
   */
  set(name: 'sessionData', value: Data & object): this;
  set(name: 'userData', value: Partial<User> & object): this;
  set(values: { readonly sessionData?: Data & object; readonly userData?: Partial<User> & object }): this;
  set(nameOrValues: string | object, value?: unknown): this {
    const values: Record<string, unknown> =
      typeof nameOrValues === 'string' ? { [nameOrValues]: value } : { ...nameOrValues };
    for (const name of Object.keys(values)) refuseToSet(name);
    const copies = Object.entries(values).map(([name, one]) => [name, copyAsJson(one, name)] as const);
    // userData first: it alone may still be refused, for want of a user, and then nothing is to have changed.
    for (const [name, copy] of copies.sort(([a], [b]) => (a < b ? 1 : -1))) Reflect.set(this, name, copy, this);
    return this;
  }

  /**
   * Signs a user in, another one in, the same one again (re-authentication), or out with `null`.
   *
   * The session gets a new id at once (OWASP ASVS 7.2.4). Another uid, or none, also begins a new lineage and a new life:
   * `created`, `lastAccess` and `lastUpdate` are now. sessionData stays; `keep` names the top-level keys that do when
   * others should not cross the change (with an id it is in the third argument).
   * @throws TypeError when the id cannot name a user @throws SessionEnded after `revoke`
   */
  setUser(user: UserModel<User> | PlainUser<User> | null | false, options?: SetUserOptions): this;
  setUser(uid: UserId, userData?: User, options?: SetUserOptions): this;
  setUser(user: AnyUser<User>, second?: User & SetUserOptions, third?: SetUserOptions): this {
    const state = this.#writable();
    if (user === undefined) throw new TypeError('setUser: got undefined: to sign out, call setUser(null)');
    const isId = typeof user !== 'object' && user !== false;
    if (isId && third === undefined && isKeep(second)) {
      throw new TypeError('setUser: with an id, options are the third argument: setUser(id, userData, { keep })');
    }
    const next = isId ? readUser({ _id: user, userData: second }) : user ? readUser(user) : NOBODY;
    const keep = keysToKeep(isId ? third : second);
    const now = this.#host.clock.now();
    // Before all the rest: when JSON cannot carry it, nothing is to have changed.
    state.userData.replace(next.userData ?? {});
    state.id = this.#host.newId(state);
    if (next.uid !== state.uid) {
      state.lineage = state.id;
      state.created = state.lastAccess = state.lastUpdate = now;
      // What `setLifetime` gave, it gave to the user who leaves.
      if (state.uid !== undefined) state.life = undefined;
    }
    state.uid = next.uid;
    if (keep !== undefined) state.sessionData.keepOnly(keep);
    state.authenticatedAt = next.uid === undefined ? undefined : now;
    state.since = this.#host.since(next.uid, now);
    state.changed = true;
    return this;
  }

  /** Marks the session saved: `lastUpdate` and `lastAccess` are now. */
  abstract save(): this | Promise<this>;

  /**
   * Changes sessionData and saves. `change` gets the data, returns nothing, and may run again on newer data; when it
   * throws, nothing has changed.
   * @throws TypeError when `change` is asynchronous @throws SessionEnded after `revoke`
   */
  update(change: (data: Data) => void): Promise<this>;
  async update(change: (data: Data) => void, ...extra: readonly unknown[]): Promise<this> {
    refuseMore('update', extra);
    checkChange(change);
    const { sessionData } = this.#writable();
    const data = copyAsJson(sessionData.value, 'sessionData');
    runChange(() => change(data));
    sessionData.replace(data);
    return await this.save();
  }

  /** Whether a bound is reached: `getTTL() === 0`. */
  hasExpired(): boolean {
    return this.getTTL() === 0;
  }

  /**
   * When the session ends if nothing more happens: ms timestamp, or Infinity. The earliest bound counts. The token that the
   * client keeps while nothing changes can end up to `timeoutResolution` earlier.
   */
  getExpiry(): number {
    return endOf(this.#host.bounds, this.#state);
  }

  /** The ms left, 0 when expired; or Infinity. */
  getTTL(): number {
    return Math.max(0, this.getExpiry() - this.#host.clock.now());
  }

  /**
   * The sid: what the client holds and hands back.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws SessionEnded after `revoke`
   */
  forClient(): string {
    return this.#host.forClient(this.#writable());
  }

  /** Whether the user proved who they are less than `ms` ago: ask before a sensitive change (OWASP ASVS 7.5.1). */
  isFresher(ms: number): boolean {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new TypeError(`isFresher: expected a number of ms, got ${kindOf(ms)}`);
    const { authenticatedAt } = this.#state;
    return authenticatedAt !== undefined && this.#host.clock.now() - authenticatedAt < ms;
  }

  /**
   * Gives this session bounds of its own in place of the storage's (ms, `null` = none, absent = the storage's):
   * `idleTimeout` for what counts from lastAccess, `absoluteTimeout` from created. `persistent` says whether the cookie
   * outlives the browser ("remember me").
   *
   * A token's life can be made longer than the one it came in with only in the request that calls `setUser`, because a
   * revocation under way elsewhere counts on the life it knows; shorter, at any time. For the same user as before that begins
   * a new lineage. Another user, or none, loses what the one before was given.
   * @throws TypeError for anything but whole numbers from 1 to 34,560,000,000 (400 days), and for a life made longer too late,
   *   and for one without end where the storage's bounds give one
   * @throws SessionEnded after `revoke`
   */
  setLifetime(life: Lifetime): this;
  setLifetime(life: Lifetime, ...extra: readonly unknown[]): this {
    refuseMore('setLifetime', extra);
    const state = this.#writable();
    const checked = checkLifetime(life);
    this.#host.admitLifetime(state, checked);
    state.life = checked;
    state.changed = true;
    return this;
  }

  /** Gives it a new id; the old credential dies after the storage's `rotationGrace`. @throws SessionEnded after `revoke` */
  rotate(): this;
  rotate(...extra: readonly unknown[]): this {
    refuseMore('rotate', extra);
    const state = this.#writable();
    state.id = this.#host.newId(state);
    return this;
  }

  /** Ends the session when it is committed (sign-out). Later writes throw SessionEnded. */
  revoke(reason = 'revoked'): this {
    if (typeof reason !== 'string') throw new TypeError(`revoke: expected a reason, got ${kindOf(reason)}`);
    this.#state.revoked ??= reason;
    return this;
  }

  /**
   * Asks for an invalidation at commit, carried out for whoever is the user then: this session gets a new id and lineage,
   * and with `AllSessionIdsOfLoggedUser` every other session of the user ends.
   * @throws SessionEnded after `revoke`
   */
  forceInvalidate(which: ForceInvalidate): this;
  forceInvalidate(which: ForceInvalidate, ...extra: readonly unknown[]): this {
    refuseMore('forceInvalidate', extra);
    if (!FORCES.has(which)) throw new TypeError(`forceInvalidate takes one of ${[...FORCES].join(', ')}`);
    this.#writable().force = which;
    return this;
  }

  /** Whether no client holds it yet. */
  get isNew(): boolean {
    return this.#state.origin === undefined;
  }

  /** Whether it holds nothing: no user and no session data. */
  get isEmpty(): boolean {
    return this.#state.uid === undefined && this.#state.sessionData.isEmpty;
  }

  /** Whether anything but lastAccess differs from what the client holds. @throws SessionDataInvalid */
  get isModified(): boolean {
    return isModified(this.#state);
  }

  /** Whether it was revoked or has expired. */
  get isEnded(): boolean {
    return this.#state.revoked !== undefined || this.hasExpired();
  }

  /** @internal @throws SessionEnded after `revoke` */
  protected assertWritable(): void {
    this.#writable();
  }

  /** @internal Whether properties that are assigned to it become part of its sessionData. */
  get keepsProperties(): boolean {
    return false;
  }

  /** @internal */
  protected stamp(): void {
    const state = this.#writable();
    state.lastAccess = state.lastUpdate = this.#host.clock.now();
    state.changed = true;
  }

  #writable(): SessionState<Data, User> {
    if (this.#state.revoked !== undefined) throw new SessionEnded(this.#state.revoked);
    return this.#state;
  }
}

function isKeep(value: unknown): boolean {
  return isPlainObject(value) && Object.keys(value).join() === 'keep' && Array.isArray(value['keep']);
}

function keysToKeep(options: SetUserOptions | undefined): readonly string[] | undefined {
  knownOnly('setUser', options, ['keep']);
  const keep: unknown = options?.keep;
  if (keep === undefined) return undefined;
  if (Array.isArray(keep) && keep.every((key) => typeof key === 'string')) return keep;
  throw new TypeError('setUser: keep must be an array of top-level keys of sessionData');
}

/** A session carried in a token. */
export class Session<Data = RegisteredData, User = RegisteredUser> extends SessionModel<Data, User> {
  static {
    refuseCalls(Session.prototype, STORE_WAYS);
  }

  /**
   * Marks the session as saved: `lastUpdate` and `lastAccess` become now. Applications written for express-session pass a
   * callback, which gets the error, if any, before `save` returns.
   * @throws SessionEnded after `revoke`
   */
  override save(callback?: Callback): this {
    try {
      this.stamp();
    } catch (error) {
      if (callback === undefined) throw error;
      callback(error);
      return this;
    }
    callback?.();
    return this;
  }
}
