import type { ServerResponse } from 'node:http';
import { EVENT_STREAM } from '../../ports/event-stream.js';
import type { StreamHead } from '../../ports/stream.js';
import { cut } from '../node/cut.js';
import { neverIdle } from '../node/never-idle.js';
import { onceOver } from '../node/once-over.js';
import { type AdapterSink, callSoon, LONGEST_END, NO_CONTENT, type SinkHooks } from '../sink.js';
import { nodePairOf } from './node-pair.js';

/** How many bytes wait for the client before `write` returns false, as in a socket of Node. */
const HIGH_WATER_MARK = 65_536;

/** Statuses whose responses have no body (Fetch standard, null body status). */
const BODILESS: readonly number[] = [204, 205, 304];

const encoder = new TextEncoder();

/** Writes to the body of a `Response`. The session is committed onto that response after the handler returned it. */
export class WebSink implements AdapterSink {
  readonly #outgoing: ServerResponse | undefined;
  #hooks: SinkHooks<[Response]> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #drained: (() => void) | undefined;
  #closed: (() => void) | undefined;
  #ending: NodeJS.Timeout | undefined;
  #isEnded = false;
  #isOver = false;
  #isFull = false;
  #isFlushed = false;

  /** @param given what else the server passed to the handler */
  constructor(request: Request, given: unknown, hooks: SinkHooks<[Response]>) {
    const pair = nodePairOf(request, given);
    this.#outgoing = pair?.outgoing;
    this.#hooks = hooks;
    if (pair !== undefined) onceOver(pair.outgoing, pair.incoming.socket, () => this.#over());
    // The client may have left while its session was opened.
    else if (request.signal.aborted) callSoon(() => this.cut());
    else request.signal.addEventListener('abort', () => this.cut(), { once: true });
  }

  begin(head: StreamHead): void {
    this.#begin(head, !BODILESS.includes(head.status));
  }

  answer(head: StreamHead): void {
    this.#begin(head, false);
    this.end();
  }

  #begin({ status, headers }: StreamHead, hasBody: boolean): void {
    const hooks = this.#hooks;
    if (hooks === undefined || this.#isOver) return;
    try {
      hooks.begun(new Response(hasBody ? this.#body() : null, { status, headers: headersOf(headers) }));
      this.#hooks = undefined;
      if (this.#outgoing !== undefined) neverIdle(this.#outgoing);
    } catch (error) {
      this.fail(error);
    }
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#hooks !== undefined) this.begin(EVENT_STREAM);
    if (this.#isOver || this.#isEnded || this.#controller === undefined) return false;
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
    if (bytes.byteLength > 0) this.#controller.enqueue(bytes);
    this.#isFull = (this.#controller.desiredSize ?? 0) <= 0;
    return !this.#isFull;
  }

  onDrain(callback: () => void): void {
    this.#drained = callback;
  }

  onClose(callback: () => void): void {
    if (this.#isOver) callSoon(callback);
    else this.#closed = callback;
  }

  end(): void {
    if (this.#hooks !== undefined) this.begin(NO_CONTENT);
    if (this.#isOver || this.#isEnded) return;
    this.#isEnded = true;
    this.#controller?.close();
    // Without Node's response, nothing says when the client has it all.
    if (this.#outgoing === undefined) setImmediate(() => this.#over());
    else this.#ending = setTimeout(() => this.cut(), LONGEST_END).unref();
  }

  cut(): void {
    if (this.#isOver) return;
    this.begin(EVENT_STREAM);
    const wasEnded = this.#isEnded;
    this.#isEnded = true;
    if (this.#outgoing !== undefined) {
      cut(this.#outgoing);
      // Servers on top of Node would log an error.
      if (!wasEnded) this.#controller?.close();
    } else {
      this.#controller?.error(new DOMException('the stream was cut', 'AbortError'));
      setImmediate(() => this.#over());
    }
  }

  fail(error: unknown): boolean {
    const hooks = this.#hooks;
    if (hooks === undefined) {
      this.cut();
      return false;
    }
    this.#hooks = undefined;
    this.#isOver = true;
    callSoon(this.#closed);
    this.#forget();
    hooks.failed(error);
    return true;
  }

  /** Bytes are not transferred, as a byte stream would: the same ones go to many clients. */
  #body(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: ({ desiredSize }) => {
          this.#flushHead();
          if (!this.#isFull || desiredSize !== HIGH_WATER_MARK) return;
          this.#isFull = false;
          this.#drained?.();
        },
        cancel: () => {
          this.#controller = undefined;
          this.#over();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
    );
  }

  /** Some servers on top of Node keep the head until there is a body. They ask for that once they have written the head. */
  #flushHead(): void {
    if (this.#isFlushed || !this.#outgoing?.headersSent) return;
    this.#isFlushed = true;
    this.#outgoing.flushHeaders();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const hooks = this.#hooks;
    this.#hooks = undefined;
    hooks?.begun(new Response(null, { status: NO_CONTENT.status }));
    if (!this.#isEnded) this.#controller?.close();
    const closed = this.#closed;
    this.#forget();
    closed?.();
  }

  #forget(): void {
    this.#closed = undefined;
    this.#drained = undefined;
    this.#controller = undefined;
    clearTimeout(this.#ending);
  }
}

function headersOf(given: StreamHead['headers']): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const value of typeof values === 'string' ? [values] : values) headers.append(name, value);
  }
  return headers;
}
