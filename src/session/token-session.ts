import { SessionEnded } from '../errors.js';
import type { Callback } from './callback.js';
import { refuseCalls, STORE_WAYS } from './other-ways.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { hostOf, SessionModel, stateOf } from './session.js';
import { isUnused, type SidLife, sidLifeOf } from './session-state.js';

/** A session that is kept in a token. */
export class Session<Data = RegisteredData, User = RegisteredUser> extends SessionModel<Data, User> {
  static {
    refuseCalls(Session.prototype, STORE_WAYS);
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
   * Checks again whether the session still lives, for an act of consequence in a request that took long. Asks the revocation list of this
   * process, without I/O.
   * @throws SessionEnded if it was ended or has expired
   * @throws RevocationsStale (503) if the list is stale and `whenStale` is 'deny'
   */
  override async confirm(): Promise<this> {
    hostOf(this).checkFresh?.();
    if (this.isEnded) throw new SessionEnded(this.hasExpired() ? 'expired' : 'revoked');
    return this;
  }

  /**
   * Marks the session as changed, so that commit issues a new token, and sets `lastUpdate` and `lastAccess` to now. A
   * callback, as express-session has it, is called before `save` returns, with the error if there is one.
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
