import type { Callback } from '../lib/callback.js';
import { refuseCalls, STORE_WAYS } from './other-ways.js';
import type { RegisteredData, RegisteredUser } from './register.js';
import { SessionModel } from './session.js';

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
