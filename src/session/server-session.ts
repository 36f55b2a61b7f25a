import { type Callback, callBack, refuseMore } from './callback.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { checkChange } from './run-change.js';
import { SessionModel, stateOf } from './session.js';
import type { SessionHost } from './session-host.js';
import { isUnused, type SessionState, type SidLife, sidLifeOf } from './session-state.js';

/** What a server-side session needs from its storage, in addition to {@link SessionHost}. */
export interface ServerSessionHost<Data, User> extends SessionHost<Data, User> {
  /** Whether a rotation replaced the id that opened it. It can be saved, but its client gets no new sid. */
  readonly isAlias: boolean;
  /** @throws SessionEnded if the store has the session no more @throws StoreUnavailable */
  confirm(): Promise<void>;
  /** Stores the session now, merged with what others wrote since. */
  save(): Promise<void>;
  /** The same, with `change` applied to the newest data. */
  update(change: (data: Data) => void): Promise<void>;
  /** Resets the session under a new id. It is stored like any other change. */
  renew(): void;
  /** Ends the session in the store now. */
  end(reason: string): Promise<void>;
}

/** A session that is kept in a store. The client has only a random sid. */
export class ServerSession<Data = RegisteredData, User = RegisteredUser> extends SessionModel<Data, User> {
  readonly #host: ServerSessionHost<Data, User>;

  /** @internal */
  constructor(state: SessionState<Data, User>, host: ServerSessionHost<Data, User>) {
    super(state, host);
    this.#host = host;
  }

  /**
   * Asks the store whether the session still lives, for an act of consequence in a request that took long: one round trip.
   * @throws SessionEnded if it was ended, has expired, or was replaced @throws StoreUnavailable
   */
  override async confirm(): Promise<this> {
    await this.#host.confirm();
    return this;
  }

  /**
   * Returns whether the user signed in less than `ms` ago. Always false for a sid that a rotation replaced: the client
   * that sent it may not be the one that signed in.
   */
  override isFresher(ms: number): boolean {
    return super.isFresher(ms) && !this.#host.isAlias;
  }

  /** @internal Whether a rotation replaced the sid. Decides which session counts when a request has two sids. */
  get isReplaced(): boolean {
    return this.#host.isAlias;
  }

  /** @internal How long the client may keep its sid; `undefined` before one is issued. */
  get sidLife(): SidLife | undefined {
    return sidLifeOf(stateOf(this));
  }

  /** @internal See OpenedSession. */
  get isUnused(): boolean {
    return isUnused(stateOf(this));
  }

  /**
   * Stores the session now instead of at the end of the request. Changes of other requests are merged by top-level key
   * of `sessionData` and `userData`; if both changed a key, the value of this session is stored.
   *
   * If the request cannot have a session, such as OPTIONS or two different sids, nothing is stored and
   * `refused-late-save` is emitted. With a callback, as in express-session and Passport, the callback receives the
   * error and the promise always resolves.
   * @throws SessionEnded after `revoke`, or if the session expired or another request ended or replaced it; nothing was
   *   stored
   * @throws SessionDataInvalid @throws StoreUnavailable
   * @throws TypeError for a value at `authKey` that is not a user id
   */
  override save(callback?: Callback): Promise<this> {
    return callBack(this.#save(), callback, this);
  }

  /**
   * Changes `sessionData` with a function and stores it now. `change` gets the newest data of the store. It must be
   * synchronous, and runs again if another request saves first, so a counter loses nothing. Its return value is
   * ignored. If it throws, nothing has changed.
   * @throws TypeError if `change` is not a function or is asynchronous
   * @throws SessionEnded, SessionDataInvalid, StoreUnavailable as `save`
   */
  override update(change: (data: Data) => void): Promise<this>;
  override async update(change: (data: Data) => void, ...extra: readonly unknown[]): Promise<this> {
    refuseMore('update', extra);
    checkChange(change);
    this.assertWritable('update');
    await this.#host.update(change);
    return this;
  }

  /**
   * Resets the session: no data, no user, a new id and lineage. Once this is stored, the old sid opens nothing.
   * Passport calls it before a sign-in and after a sign-out.
   * @throws SessionEnded after `revoke`
   */
  regenerate(callback?: Callback): Promise<this> {
    return callBack(this.#regenerate(), callback, this);
  }

  /** Ends the session in the store now, where `revoke` does so at the end of the request. @throws StoreUnavailable */
  destroy(callback?: Callback): Promise<this> {
    return callBack(this.#destroy(), callback, this);
  }

  async #save(): Promise<this> {
    this.assertWritable('save');
    await this.#host.save();
    return this;
  }

  async #regenerate(): Promise<this> {
    this.assertWritable('regenerate', true);
    this.#host.renew();
    return this;
  }

  async #destroy(): Promise<this> {
    this.revoke();
    await this.#host.end('revoked');
    return this;
  }
}
