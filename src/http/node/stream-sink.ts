import type { ServerResponse } from 'node:http';
import { EVENT_STREAM } from '../../ports/event-stream.js';
import type { StreamHead } from '../../ports/stream.js';
import { type AdapterSink, callSoon, LONGEST_END, NO_CONTENT, type SinkHooks } from '../sink.js';
import { cut } from './cut.js';
import { whenAbandoned } from './deferred-head.js';
import { describeAnswer } from './describe-answer.js';
import { NodeExchange } from './exchange.js';
import { framedChunk, socketForFrames } from './framed-chunk.js';
import { neverIdle } from './never-idle.js';
import { onceOver } from './once-over.js';

/** Writes to a response of `node:http` or `node:http2`. Its head goes out with the session, see `deferHead`. */
export class NodeSink implements AdapterSink {
  readonly #response: ServerResponse;
  #hooks: SinkHooks | undefined;
  #drained: (() => void) | undefined;
  #closed: (() => void) | undefined;
  #ending: NodeJS.Timeout | undefined;
  #isEnded = false;
  #isOver = false;
  #isFull = false;

  constructor(socket: unknown, response: ServerResponse, hooks: SinkHooks) {
    this.#response = response;
    this.#hooks = hooks;
    // A response that has the socket closes with it.
    onceOver(response, response.socket === socket ? undefined : socket, () => this.#over());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  begin({ status, headers }: StreamHead): void {
    if (this.#isOver || this.#hooks === undefined) return;
    try {
      describeAnswer(new NodeExchange(this.#response.req, this.#response), headers);
    } catch (error) {
      this.fail(error);
    }
    this.sendHead(status);
  }

  /** `begin`, for a response that has its headers. */
  sendHead(status: number): void {
    const response = this.#response;
    if (this.#isOver || this.#hooks === undefined) return;
    try {
      this.#begun();
      neverIdle(response);
      whenAbandoned(response, () => this.#abandon());
      response.writeHead(status);
      response.flushHeaders();
    } catch (error) {
      this.fail(error);
    }
  }

  answer(head: StreamHead): void {
    this.begin(head);
    this.end();
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#hooks !== undefined) this.begin(EVENT_STREAM);
    const response = this.#response;
    if (this.#isOver || this.#isEnded || response.writableEnded) return false;
    if (chunk.length === 0) return !this.#isFull;
    try {
      const socket = socketForFrames(response);
      if (socket !== undefined) return socket.write(framedChunk(chunk)) || this.#waitFor(socket);
      const isTaken = response.write(chunk);
      // A compression holds back what it has not been told to flush. Node's own `flush` was another thing.
      if (Object.hasOwn(response, 'flush')) Reflect.apply(Reflect.get(response, 'flush'), response, []);
      return isTaken || this.#waitFor(response);
    } catch {
      // What wraps the response may throw. A source writes to many sinks, and the others must not suffer.
      this.cut();
      return false;
    }
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
    try {
      this.#response.end();
      this.#ending = setTimeout(() => this.cut(), LONGEST_END).unref();
    } catch {
      this.cut();
    }
  }

  cut(): void {
    if (this.#isOver) return;
    this.#begun();
    this.#isEnded = true;
    cut(this.#response);
  }

  fail(error: unknown): boolean {
    const hooks = this.#hooks;
    if (hooks === undefined) {
      this.cut();
      return false;
    }
    this.#hooks = undefined;
    this.#abandon();
    hooks.failed(error);
    return true;
  }

  #begun(): void {
    const hooks = this.#hooks;
    this.#hooks = undefined;
    hooks?.begun();
  }

  /** The response is another's from now on. */
  #abandon(): void {
    this.#isOver = true;
    callSoon(this.#closed);
    this.#forget();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const closed = this.#closed;
    this.#forget();
    this.#begun();
    closed?.();
  }

  #forget(): void {
    this.#closed = undefined;
    this.#drained = undefined;
    clearTimeout(this.#ending);
  }

  #waitFor(emitter: { once(name: 'drain', listener: () => void): unknown }): false {
    if (!this.#isFull) emitter.once('drain', () => this.#onDrain());
    this.#isFull = true;
    return false;
  }

  #onDrain(): void {
    this.#isFull = false;
    this.#drained?.();
  }
}
