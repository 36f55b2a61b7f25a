import type { Callback } from './callback.js';
import { ServerSession, type ServerSessionHost } from './server-session.js';
import type { SessionData } from './session-data.js';
import type { SessionState } from './session-state.js';

/**
 * A session whose sessionData are its own properties too, where code written for express-session puts them and looks for them:
 * Passport (`req.session.passport`), what its strategies remember from one request to the next, flash messages.
 */
export class PassportSession<Data, User> extends ServerSession<Data, User> {
  static {
    // Found by `for...in`, unlike what else a class has.
    const found = Object.getOwnPropertyDescriptor(PassportSession.prototype, 'dataBefore');
    Object.defineProperty(PassportSession.prototype, 'dataBefore', { ...found, enumerable: true });
    Object.defineProperty(PassportSession, 'name', { value: ServerSession.name });
  }

  readonly #data: SessionData<Data>;
  readonly #shown = new Set<string>();
  #before: (Data & object) | undefined;

  /** @internal */
  constructor(state: SessionState<Data, User>, host: ServerSessionHost<Data, User>) {
    super(state, host);
    this.#data = state.sessionData;
    for (const key of this.#data.keys) if (!isTaken(key)) this.#show(key);
  }

  /**
   * What the last `regenerate` took out of sessionData; assigning it puts it back. Passport does so for `keepSessionInfo`, without
   * knowing: it copies all that it finds on the session before to the one after, and here these are one object.
   */
  get dataBefore(): (Data & object) | undefined {
    return this.#before;
  }

  set dataBefore(data: (Data & object) | undefined) {
    if (data !== undefined) this.sessionData = data;
  }

  /** @internal */
  override get keepsProperties(): boolean {
    return true;
  }

  override regenerate(callback?: Callback): Promise<this> {
    this.gather();
    this.#before = { ...this.#data.value };
    return super.regenerate(callback);
  }

  /** Takes into sessionData what was assigned to properties, or deleted of them. */
  gather(): void {
    for (const key of Object.keys(this)) {
      const property = Object.getOwnPropertyDescriptor(this, key);
      // One that is shown has a getter, unless it was deleted and set again.
      if (property?.get !== undefined || isTaken(key)) continue;
      Reflect.set(this.#data.value, key, property?.value);
      this.#show(key);
    }
    for (const key of this.#shown) {
      if (Object.hasOwn(this, key)) continue;
      Reflect.deleteProperty(this.#data.value, key);
      this.#shown.delete(key);
    }
  }

  #show(key: string): void {
    this.#shown.add(key);
    Object.defineProperty(this, key, {
      configurable: true,
      enumerable: true,
      get: () => Reflect.get(this.#data.value, key),
      set: (value: unknown) => void Reflect.set(this.#data.value, key, value),
    });
  }
}

/** Whether a session has a property of this name that is not from its data. */
function isTaken(key: string): boolean {
  return key in PassportSession.prototype;
}
