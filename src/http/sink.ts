import type { Sink, StreamHead } from '../ports/stream.js';

/** A sink as adapters make it. */
export interface AdapterSink extends Sink {
  /** Answers with a head alone. */
  answer(head: StreamHead): void;
  /**
   * The source failed. Before the response has begun, the framework answers; after that, the response is cut. Returns whether the
   * framework learns of the error.
   */
  fail(error: unknown): boolean;
}

/** What an adapter needs to know of a stream. One of the two is called, once. */
export interface SinkHooks<Begun extends unknown[] = []> {
  /** Called before the head is sent: the response is the source's from then on. Also called if the client is gone by then. */
  begun(...begun: Begun): void;
  /** The framework is to answer with this error. */
  failed(error: unknown): void;
}

/** For a source that ends before it has written. An `EventSource` does not connect again after it. */
export const NO_CONTENT: StreamHead = { status: 204, headers: { 'cache-control': 'no-store' } };

/** How long a client may take for the rest of a response that has ended: ms. One that does not read would keep it for ever. */
export const LONGEST_END = 10_000;

/** Calls back within the next turn, so that a source is not called while it calls its sink. */
export function callSoon(callback: (() => void) | undefined): void {
  if (callback !== undefined) setImmediate(callback);
}
