/**
 * The port between the adapters and whatever produces a stream: `stream(source)` of an adapter answers a request with the source's
 * stream. `LiveSessions` is such a source.
 *
 * @module
 */

/** A request for a stream, in any framework. */
export interface StreamRequest<Session = unknown> {
  /** The request's session; `undefined` if it has none (`create: 'never'`). */
  readonly session: Session | undefined;
  /** `GET` for the stream itself; `POST` for what its client reports. Others are answered by the adapter. */
  readonly method: 'GET' | 'POST';
  /** The request headers; names in lower case. A header that came several times has its values joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The path and query as the client sent them. */
  readonly url: string;
}

/** The head of a response: its status and its headers. */
export interface StreamHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * A response that a source writes to, over a Node response or a web stream. Nothing it does throws, and after the client is gone it
 * does nothing.
 */
export interface Sink {
  /**
   * Sends the head. The session is committed first, so that a credential that is due goes out with it. Call it at most once, before
   * `write`. Without it, the first `write` sends the head of an event stream, and an `end` before that sends 204.
   */
  begin(head: StreamHead): void;
  /**
   * Sends bytes, or strings as UTF-8. They are never dropped, and keep their order. Returns false when the client does not keep up:
   * wait for `onDrain` then. The same `Uint8Array` may be written to many sinks; do not change it afterwards.
   */
  write(chunk: Uint8Array | string): boolean;
  /** Calls back each time after `write` returned false, once everything was passed on. A second callback replaces the first. */
  onDrain(callback: () => void): void;
  /** Calls back once, when the response is over for whatever reason; at the next turn if it is over already. */
  onClose(callback: () => void): void;
  /** Ends the response after what was written. */
  end(): void;
  /** Ends the response at once. What the client has not received yet is dropped. */
  cut(): void;
}

/** Produces streams. */
export interface StreamSource<Session = unknown> {
  /** Answers a request through `sink`. A rejection before `begin` goes to the framework's error handling; after that, it cuts the response. */
  open(request: StreamRequest<Session>, sink: Sink): void | Promise<void>;
}
