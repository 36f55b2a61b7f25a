import type { Callback } from './callback.js';
import { ServerSession, type ServerSessionHost } from './server-session.js';
import { stateOf } from './session.js';
import type { SessionData } from './session-data.js';
import type { SessionState } from './session-state.js';

/**
 * A session whose `sessionData` keys are also properties of the session. Code written for express-session reads and
 * writes them there: Passport (`req.session.passport`), the state that its strategies keep between requests, flash
 * messages.
 */
export class PassportSession<Data, User> extends ServerSession<Data, User> {
  static {
    // Passport copies with `for...in`, which skips the accessors of a class.
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
   * The `sessionData` from before the last `regenerate`; assigning it restores the data.
   *
   * Passport's `keepSessionInfo` depends on it: Passport copies all enumerable properties of the old session to the new
   * one, and here both are the same object.
   */
  get dataBefore(): (Data & object) | undefined {
    return this.#before;
  }

  set dataBefore(data: (Data & object) | undefined) {
    if (data !== undefined) this.sessionData = data;
  }

  /** @internal */
  override takesProperty(): boolean {
    this.#used();
    return true;
  }

  override regenerate(callback?: Callback): Promise<this> {
    this.gather();
    this.#before = { ...this.#data.value };
    return super.regenerate(callback);
  }

  /** Copies properties that were assigned to the session into `sessionData`, and removes deleted ones from it. */
  gather(): void {
    for (const key of Object.keys(this)) {
      const property = Object.getOwnPropertyDescriptor(this, key);
      // A property made by `#show` has a getter, unless the application deleted and assigned it again.
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

  #used(): object {
    stateOf(this).follower?.used();
    return this.#data.value;
  }

  #show(key: string): void {
    this.#shown.add(key);
    Object.defineProperty(this, key, {
      configurable: true,
      enumerable: true,
      get: () => Reflect.get(this.#used(), key),
      set: (value: unknown) => void Reflect.set(this.#used(), key, value),
    });
  }
}

/** Whether the session class itself has a property of this name. */
function isTaken(key: string): boolean {
  return key in PassportSession.prototype;
}
