import { SessionEnded } from '../errors.js';
import { showAs } from '../lib/inspect.js';
import { copyAsJson, deepFreeze } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { ATTRIBUTES, refuseToSet, type SessionAttributes } from './attributes.js';
import { refuseMore } from './callback.js';
import { endOf, type Lifetime } from './expiry.js';
import { checkLifetime } from './lifetime.js';
import { EXPRESS_WAYS, OTHER_WAYS, refuseAssignment, refuseCalls, refuseCookie } from './other-ways.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { checkChange, runChange } from './run-change.js';
import type { SessionHost } from './session-host.js';
import { FORCES, type ForceInvalidate, isModified, type SessionFollower, type SessionState } from './session-state.js';
import { keysToKeep, type SetUserOptions } from './set-user-options.js';
import { refuseUnknown } from './unknown-property.js';
import { type AnyUser, NOBODYS_DATA, type PlainUser, readUser, type UserId, type UserModel } from './user.js';

/** Identifies a session without being a credential. Every session and every entry of `listOfUser` is one. */
export interface SessionRef {
  readonly id: string;
  readonly lineage: string;
}

const NOBODY = { uid: undefined, userData: undefined };
const NO_INFO: Readonly<Record<string, unknown>> = Object.freeze({});

/** @internal The state of a session, for the storages. */
export let stateOf: <Data, User>(session: SessionModel<Data, User>) => SessionState<Data, User>;

/** @internal The storage's interface to a session. */
export let hostOf: <Data, User>(session: SessionModel<Data, User>) => SessionHost<Data, User>;

/**
 * A session: its user, its timestamps and its data. It is kept in a token ({@link Session}) or in a store
 * (`ServerSession`). All times are ms timestamps; all durations are in ms.
 */
export abstract class SessionModel<Data = RegisteredData, User = RegisteredUser> implements SessionRef {
  readonly #state: SessionState<Data, User>;
  readonly #host: SessionHost<Data, User>;

  static {
    stateOf = (session) => session.#state;
    hostOf = (session) => session.#host;
    refuseUnknown(SessionModel.prototype, (session) => session instanceof SessionModel && session.takesProperty());
    refuseAssignment(SessionModel.prototype, OTHER_WAYS, 'session');
    refuseCalls(SessionModel.prototype, EXPRESS_WAYS);
    refuseCookie(SessionModel.prototype);
    // Inspecting or logging a session must not reveal its data or its sid.
    showAs(SessionModel.prototype, (session) => {
      const { id, lineage, uid, created, lastAccess, lastUpdate } = session.#state;
      return `${session.constructor.name} ${JSON.stringify({ id, lineage, uid, created, lastAccess, lastUpdate })}`;
    });
  }

  /** @internal Use the `create` and `get` of a storage. */
  constructor(state: SessionState<Data, User>, host: SessionHost<Data, User>) {
    this.#state = state;
    this.#host = host;
  }

  /** Changes with every rotation, and with each request until the session is issued. Safe to log: it is no credential. */
  get id(): string {
    return this.#state.id;
  }

  /**
   * Stays the same when the session rotates. Changes when the user changes, with `forceInvalidate` and `regenerate`,
   * and when a token's lifetime is extended. Use it in audit records and device lists; like `id`, once it is issued.
   */
  get lineage(): string {
    return this.#state.lineage;
  }

  /** The session's data. Change it in place, or assign a new object. Changes are detected by comparing JSON. */
  get sessionData(): Data {
    this.#state.follower?.used();
    return this.#state.sessionData.value;
  }

  /** @throws SessionDataInvalid if JSON cannot represent the value @throws SessionEnded after `revoke` */
  set sessionData(value: Data & object) {
    this.#writable('sessionData').sessionData.replace(value);
  }

  /** The id of the signed-in user; `undefined` if nobody is signed in. `setUser` changes it. */
  get uid(): string | undefined {
    return this.#state.uid;
  }

  /** What the application stores about the user; `{}` if nobody is signed in. */
  get userData(): Partial<User> {
    this.#state.follower?.used();
    return this.#state.uid === undefined ? NOBODYS_DATA : this.#state.userData.value;
  }

  /**
   * Replaces `userData` without rotating the session.
   * @throws TypeError if nobody is signed in
   * @throws SessionDataInvalid if JSON cannot represent the value @throws SessionEnded after `revoke`
   */
  set userData(value: Partial<User> & object) {
    const state = this.#writable('userData');
    if (state.uid === undefined) throw new TypeError('userData belongs to a user: sign one in with setUser first');
    state.userData.replace(value);
  }

  /** When the session was created or its user last changed: ms timestamp. */
  get created(): number {
    return this.#state.created;
  }

  /** When the session was last used: ms timestamp. */
  get lastAccess(): number {
    return this.#state.lastAccess;
  }

  /** When the session was last saved with a change: ms timestamp. */
  get lastUpdate(): number {
    return this.#state.lastUpdate;
  }

  /** When `setUser` last signed a user in: ms timestamp; `undefined` if nobody is signed in. */
  get authenticatedAt(): number | undefined {
    return this.#state.authenticatedAt;
  }

  /**
   * A short description for device lists, such as `{ device: 'Firefox on Linux' }`; `{}` by default. Frozen: assign a
   * new object to change it.
   */
  get info(): Readonly<Record<string, unknown>> {
    return this.#state.info ?? NO_INFO;
  }

  /** @throws SessionDataInvalid if JSON cannot represent the value @throws SessionEnded after `revoke` */
  set info(value: Readonly<Record<string, unknown>>) {
    const state = this.#writable('info');
    const info = copyAsJson(value, 'info');
    state.info = Object.keys(info).length === 0 ? undefined : deepFreeze(info);
    state.changed = true;
  }

  /** Returns an attribute by name; `undefined` for an unknown name. */
  get<Name extends keyof SessionAttributes<Data, User>>(name: Name): SessionAttributes<Data, User>[Name];
  get(name: string): unknown {
    return ATTRIBUTES.has(name) ? Reflect.get(this, name, this) : undefined;
  }

  /** Returns whether an attribute has a value other than `undefined` and `null`. False for an unknown name. */
  has(name: string): boolean {
    return ATTRIBUTES.has(name) && (Reflect.get(this, name, this) ?? undefined) !== undefined;
  }

  /**
   * Sets `sessionData` or `userData` by name, or both with an object. If it throws, neither has changed.
   * @throws TypeError for any other name; the message says how to change that attribute
   * @throws TypeError for `userData` if nobody is signed in
   * @throws SessionDataInvalid if JSON cannot represent a value @throws SessionEnded after `revoke`
   */
  set(name: 'sessionData', value: Data & object): this;
  set(name: 'userData', value: Partial<User> & object): this;
  set(values: { readonly sessionData?: Data & object; readonly userData?: Partial<User> & object }): this;
  set(nameOrValues: string | object, value?: unknown): this {
    const values: Record<string, unknown> =
      typeof nameOrValues === 'string' ? { [nameOrValues]: value } : { ...nameOrValues };
    for (const name of Object.keys(values)) refuseToSet(name);
    const copies = Object.entries(values).map(([name, one]) => [name, copyAsJson(one, name)] as const);
    // `userData` first: only its setter can still throw (nobody is signed in), and then nothing may have changed.
    for (const [name, copy] of copies.sort(([a], [b]) => (a < b ? 1 : -1))) Reflect.set(this, name, copy, this);
    return this;
  }

  /**
   * Signs a user in, or out with `null` or `false`. For the user who is signed in already, it is a re-authentication.
   *
   * The session gets a new id at once (OWASP ASVS 7.2.4). If the user changes, the session starts over: it gets a new
   * lineage, `created`, `lastAccess` and `lastUpdate` are set to now, and the previous user's `setLifetime` no longer
   * applies. `sessionData` is kept; the option `keep` (third argument if the first is an id) limits it to the
   * top-level keys that it lists. `userData` is replaced.
   * @throws TypeError if the value is not a valid user or user id
   * @throws SessionDataInvalid if JSON cannot represent `userData` @throws SessionEnded after `revoke`
   */
  setUser(user: UserModel<User> | PlainUser<User> | null | false, options?: SetUserOptions): this;
  setUser(uid: UserId, userData?: User, options?: SetUserOptions): this;
  setUser(user: AnyUser<User>, second?: User & SetUserOptions, third?: SetUserOptions): this {
    const state = this.#writable('setUser', true);
    if (user === undefined) throw new TypeError('setUser: got undefined: to sign out, call setUser(null)');
    const isId = typeof user !== 'object' && user !== false;
    const keep = keysToKeep(isId, second, third);
    const next = isId ? readUser({ _id: user, userData: second }) : user ? readUser(user) : NOBODY;
    const now = this.#host.clock.now();
    // First, because it can throw: then nothing may have changed.
    state.userData.replace(next.userData ?? {});
    state.id = this.#host.newId(state);
    state.proved ||= next.uid !== undefined && next.uid === state.uid;
    if (next.uid !== state.uid) {
      state.lineage = state.id;
      state.created = state.lastAccess = state.lastUpdate = now;
      // `setLifetime` applied to the previous user.
      if (state.uid !== undefined) state.life = undefined;
    }
    state.uid = next.uid;
    if (keep !== undefined) state.sessionData.keepOnly(keep);
    state.authenticatedAt = next.uid === undefined ? undefined : now;
    state.since = this.#host.since(next.uid, now);
    state.changed = true;
    return this;
  }

  /** Marks the session as saved: sets `lastUpdate` and `lastAccess` to now. */
  abstract save(): this | Promise<this>;

  /**
   * Changes `sessionData` with a function and saves the session. `change` must be synchronous and may run again on
   * newer data; its return value is ignored. If it throws, nothing has changed.
   * @throws TypeError if `change` is asynchronous
   * @throws SessionDataInvalid if JSON cannot represent the result @throws SessionEnded after `revoke`
   */
  update(change: (data: Data) => void): Promise<this>;
  async update(change: (data: Data) => void, ...extra: readonly unknown[]): Promise<this> {
    refuseMore('update', extra);
    checkChange(change);
    const { sessionData } = this.#writable('update');
    const data = copyAsJson(sessionData.value, 'sessionData');
    runChange(() => change(data));
    sessionData.replace(data);
    return await this.save();
  }

  /** Returns whether the session has reached a timeout: `getTTL() === 0`. */
  hasExpired(): boolean {
    return this.getTTL() === 0;
  }

  /**
   * Returns when the session expires if it is not used again: ms timestamp, or `Infinity`. The earliest timeout counts.
   * A token that is not issued again can expire up to `timeoutResolution` ms earlier.
   */
  getExpiry(): number {
    return endOf(this.#host.bounds, this.#state);
  }

  /** Returns how long the session has left, in ms: 0 if it has expired, `Infinity` if it never expires. */
  getTTL(): number {
    return Math.max(0, this.getExpiry() - this.#host.clock.now());
  }

  /**
   * Returns the sid: the credential to send to the client.
   * @throws SessionDataInvalid, SessionTooLarge, and TypeError if the storage has only public keys (tokens)
   * @throws SessionEnded after `revoke`, or if the client must not get a new sid because the session was ended or
   *   replaced
   */
  forClient(): string {
    return this.#host.forClient(this.#living());
  }

  /** Returns whether the user signed in less than `ms` ago. Check it before a sensitive change (OWASP ASVS 7.5.1). */
  isFresher(ms: number): boolean {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new TypeError(`isFresher: expected a number of ms, got ${kindOf(ms)}`);
    const { authenticatedAt } = this.#state;
    return authenticatedAt !== undefined && this.#host.clock.now() - authenticatedAt < ms;
  }

  /**
   * Gives this session its own timeouts (ms) in place of the storage's. `idleTimeout` replaces the limit that counts
   * from `lastAccess`, `absoluteTimeout` the one that counts from `created`. `null` means no limit; an absent option
   * keeps the storage's value. `persistent`: whether the cookie outlives the browser ("remember me").
   *
   * A token's lifetime can be extended only in a request that calls `setUser`: a concurrent revocation relies on the
   * old lifetime. It can be shortened at any time. Both give a token a new id; extending it for the same user also
   * starts a new lineage. When the user changes, the session loses its own timeouts.
   * @throws TypeError unless the timeouts are whole numbers from 1 to 34,560,000,000 (400 days) or `null`
   * @throws TypeError if a token's life is extended without `setUser`, or no limit is left where the storage sets one
   * @throws SessionEnded after `revoke`
   */
  setLifetime(life: Lifetime): this;
  setLifetime(life: Lifetime, ...extra: readonly unknown[]): this {
    refuseMore('setLifetime', extra);
    const state = this.#writable('setLifetime', true);
    const checked = checkLifetime(life);
    this.#host.admitLifetime(state, checked);
    state.life = checked;
    state.changed = true;
    return this;
  }

  /**
   * Gives the session a new id. The old sid stops working after `rotationGrace`; an old token only if the storage has
   * `revocations`, otherwise when it expires.
   * @throws SessionEnded after `revoke`
   */
  rotate(): this;
  rotate(...extra: readonly unknown[]): this {
    refuseMore('rotate', extra);
    const state = this.#writable('rotate', true);
    state.id = this.#host.newId(state);
    return this;
  }

  /**
   * Signs out: ends the session when it is committed. Later writes throw `SessionEnded`; changes inside `sessionData`
   * are ignored. Without `revocations`, a copy of a token stays valid until it expires.
   */
  revoke(reason = 'revoked'): this {
    if (typeof reason !== 'string') throw new TypeError(`revoke: expected a reason, got ${kindOf(reason)}`);
    const state = this.#state;
    if (state.revoked !== undefined) return this;
    if (state.sealed) this.#host.admitLate(state, 'revoke', false);
    state.revoked = reason;
    state.follower?.used();
    if (state.sealed) state.follower?.revokedLate();
    return this;
  }

  /**
   * Invalidates at commit, for the user that the session has then. `CurrentSessionId` gives this session a new id and
   * lineage. `AllSessionIdsOfLoggedUser` also ends every other session of the user. `DoNotForceInvalidate` cancels an
   * earlier call.
   * @throws TypeError for any other value @throws SessionEnded after `revoke`
   */
  forceInvalidate(which: ForceInvalidate): this;
  forceInvalidate(which: ForceInvalidate, ...extra: readonly unknown[]): this {
    refuseMore('forceInvalidate', extra);
    if (!FORCES.has(which)) throw new TypeError(`forceInvalidate takes one of ${[...FORCES].join(', ')}`);
    this.#writable('forceInvalidate', true).force = which;
    return this;
  }

  /** Whether the session is new: no sid opened it, and no commit has issued one. */
  get isNew(): boolean {
    return this.#state.origin === undefined;
  }

  /** Whether the session has no user and no session data. */
  get isEmpty(): boolean {
    return this.#state.uid === undefined && this.#state.sessionData.isEmpty;
  }

  /**
   * Whether anything except `lastAccess` changed since the session was opened, created or last written.
   * @throws SessionDataInvalid if JSON cannot represent the data
   */
  get isModified(): boolean {
    return isModified(this.#state);
  }

  /** Whether the session was ended or has expired, as far as this process knows. `confirm` asks the store. */
  get isEnded(): boolean {
    return this.#state.revoked !== undefined || this.hasExpired() || this.#host.isKnownToBeOver(this.#state);
  }

  /** Checks again whether the session still lives. @throws SessionEnded if it does not */
  abstract confirm(): Promise<this>;

  /** @internal @throws SessionEnded after `revoke` */
  protected assertWritable(what: string, isCredential = false): void {
    this.#writable(what, isCredential);
  }

  /** @internal Whether a property that is assigned to it becomes part of its sessionData. */
  takesProperty(): boolean {
    return false;
  }

  /** @internal */
  protected stamp(): void {
    const state = this.#writable('save');
    state.lastAccess = state.lastUpdate = this.#host.clock.now();
    state.changed = true;
  }

  /** @internal Whether the head of its response was sent, and what is done with later changes. */
  seal(): void {
    this.#state.sealed = true;
  }

  /** @internal Makes the request know of changes. */
  follow(follower: SessionFollower): void {
    this.#state.follower = follower;
  }

  /** @internal See `Withheld`. */
  withhold(how: SessionState<Data, User>['withheld']): void {
    this.#state.withheld = how;
  }

  #writable(what: string, isCredential = false): SessionState<Data, User> {
    const state = this.#living();
    if (state.sealed) this.#host.admitLate(state, what, isCredential);
    state.follower?.used();
    return state;
  }

  #living(): SessionState<Data, User> {
    if (this.#state.revoked !== undefined) throw new SessionEnded(this.#state.revoked);
    return this.#state;
  }
}
