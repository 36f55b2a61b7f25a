/**
 * What happens to a connection. Each is dispatched to `document` as well, as a CustomEvent of the same name with this as
 * its `detail`.
 */
export interface SessionEvents {
  /**
   * The stream is open, at first or again. `replayed`: whether missed events follow; `null` at first, `false` if some may be
   * lost.
   */
  'session:open': { readonly instance: string; readonly replayed: boolean | null };
  /** The connection is lost, or cannot be opened. The client tries again until `session:open`, or `session:end`. */
  'session:lost': Readonly<Record<string, never>>;
  /** The browser has the cookie of another session: another user signed in, or the user signed out. Load the page again. */
  'session:changed': Readonly<Record<string, never>>;
  /** Some events may be lost. Load what the page shows again. */
  'session:missed': Readonly<Record<string, never>>;
  /** The server sent a cookie, which the browser has now. It can be HttpOnly. */
  'session:cookie': Readonly<Record<string, never>>;
  /** A message of the application. */
  'session:message': { readonly name: string; readonly data: unknown };
  /** The server closed the stream. The client connects again. */
  'session:reconnect': { readonly reason: string };
  /**
   * The session is over: `'revoked'`, `'superseded'`, `'invalidated'`, `'expired'`, `'ended'`, or the application's own reason. Or there
   * was none: `'no session'`. After `'superseded'` the client connects again; `session:changed` or another `session:end` follows.
   */
  'session:end': { readonly reason: string };
}

/** Passes events on to the listeners of one connection, and to the document. */
export class Events {
  readonly #target = new EventTarget();

  on(name: string, listener: (detail: unknown) => void): () => void {
    const wrapped = (event: Event): void => listener(event instanceof CustomEvent ? event.detail : undefined);
    this.#target.addEventListener(name, wrapped);
    return () => this.#target.removeEventListener(name, wrapped);
  }

  emit<Name extends keyof SessionEvents>(name: Name, detail: SessionEvents[Name]): void {
    for (const target of [this.#target, document]) target.dispatchEvent(new CustomEvent(name, { detail }));
  }

  message(name: string, data: unknown): void {
    this.emit('session:message', { name, data });
    if (!name.startsWith('session:')) this.#target.dispatchEvent(new CustomEvent(name, { detail: data }));
  }
}
