import { type Callback, callBack, refuseMore } from './callback.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { checkChange } from './run-change.js';
import { SessionModel } from './session.js';
import type { SessionHost } from './session-host.js';
import type { SessionState } from './session-state.js';

/** What a server-side session asks of its storage, besides what every session does. */
export interface ServerSessionHost<Data, User> extends SessionHost<Data, User> {
  /** It came by an id that a rotation replaced: it may write, and is given no credential. */
  readonly isAlias: boolean;
  /** Why nothing more can be stored for it, once that is so. */
  readonly over: string | undefined;
  /** Puts the session as it is now in the store, merged with what others wrote meanwhile. */
  save(): Promise<void>;
  /** The same, `change` applied to its newest data. */
  update(change: (data: Data) => void): Promise<void>;
  /** Makes it a session that nobody has used, under a new id; stored like any other change. */
  renew(): void;
  /** Ends it in the store now. */
  end(reason: string): Promise<void>;
}

/** A session kept in a store; what the client holds opens it and says nothing. */
export class ServerSession<Data = RegisteredData, User = RegisteredUser> extends SessionModel<Data, User> {
  readonly #host: ServerSessionHost<Data, User>;

  /** @internal */
  constructor(state: SessionState<Data, User>, host: ServerSessionHost<Data, User>) {
    super(state, host);
    this.#host = host;
  }

  /** Whether it was revoked or has expired, or was found to be over in the store. */
  override get isEnded(): boolean {
    return this.#host.over !== undefined || super.isEnded;
  }

  /** As every session's; never by a sid that a rotation replaced: whoever holds that may not be who has just proved it. */
  override isFresher(ms: number): boolean {
    return super.isFresher(ms) && !this.#host.isAlias;
  }

  /** @internal For whoever finds two sids of one session in a request. */
  get isReplaced(): boolean {
    return this.#host.isAlias;
  }

  /**
   * Marks it saved and puts it in the store now, before the response (at whose end that happens by itself). What other requests
   * changed meanwhile stays, key by key of sessionData and userData; where both changed the same, this one counts.
   * Express-session's users and Passport pass a callback: then it gets the error, and the promise is resolved whatever happens.
   * @throws SessionEnded after `revoke`, or when it was ended or replaced elsewhere: nothing was stored
   * @throws SessionDataInvalid @throws StoreUnavailable
   */
  override save(callback?: Callback): Promise<this> {
    return callBack(this.#save(), callback, this);
  }

  /**
   * Changes sessionData and saves. `change` gets the data as the store has them now, returns nothing, and runs again when another
   * request saves at the same time, so that counting up loses nothing. When it throws, nothing has changed.
   * @throws TypeError when `change` is asynchronous @throws SessionEnded, SessionDataInvalid, StoreUnavailable as `save`
   */
  override update(change: (data: Data) => void): Promise<this>;
  override async update(change: (data: Data) => void, ...extra: readonly unknown[]): Promise<this> {
    refuseMore('update', extra);
    checkChange(change);
    this.assertWritable();
    await this.#host.update(change);
    return this;
  }

  /**
   * Empties it: no data, no user, a new id and lineage; the old id opens nothing any more once this is stored. What Passport calls
   * before it signs in, and after it signed out. @throws SessionEnded after `revoke`
   */
  regenerate(callback?: Callback): Promise<this> {
    return callBack(this.#regenerate(), callback, this);
  }

  /** Ends it in the store now; `revoke` does so when the request ends. @throws StoreUnavailable */
  destroy(callback?: Callback): Promise<this> {
    return callBack(this.#destroy(), callback, this);
  }

  async #save(): Promise<this> {
    this.assertWritable();
    await this.#host.save();
    return this;
  }

  async #regenerate(): Promise<this> {
    this.assertWritable();
    this.#host.renew();
    return this;
  }

  async #destroy(): Promise<this> {
    this.revoke();
    await this.#host.end('revoked');
    return this;
  }
}
