import { describeAnswer } from '../../http/node/describe-answer.js';
import type { NodeRequest } from '../../http/node/exchange.js';
import { NodeSink } from '../../http/node/stream-sink.js';
import { type AdapterSink, NO_CONTENT, type SinkHooks } from '../../http/sink.js';
import { EVENT_STREAM } from '../../ports/event-stream.js';
import type { StreamHead } from '../../ports/stream.js';
import { type AnyFastifyReply, type NodeReply, nodeReplyOf } from './any-reply.js';
import { ReplyExchange } from './reply-exchange.js';
import { StreamBody } from './stream-body.js';

/**
 * Writes to a reply of Fastify. Its `onSend` hooks run first: some add cookies and other headers there. Then the reply is hijacked, and
 * the source writes to Node's response.
 */
export class ReplySink implements AdapterSink {
  /** Until the source writes to Node's response: a stream lives long, and they need not. */
  #given: { readonly request: NodeRequest; readonly reply: NodeReply } | undefined;
  readonly #sink: NodeSink;
  /** The payload, from when the reply is sent until its hooks have run. What is written meanwhile waits in it. */
  #body: StreamBody | undefined;
  #hasBegun = false;
  #drained: (() => void) | undefined;
  #isDirect = false;
  #isEnded = false;
  #isFull = false;

  constructor(request: NodeRequest, given: AnyFastifyReply, hooks: SinkHooks) {
    const reply = nodeReplyOf(given);
    const begun = (): void => {
      // Something else may have answered, such as a timeout.
      if (!reply.raw.headersSent) reply.hijack();
      hooks.begun();
    };
    this.#given = { request, reply };
    this.#sink = new NodeSink(request.socket, reply.raw, { begun, failed: (error) => hooks.failed(error) });
  }

  begin({ status, headers }: StreamHead): void {
    if (this.#given === undefined || this.#hasBegun || this.#sink.isOver) return;
    const { request, reply } = this.#given;
    if (reply.raw.headersSent) return;
    this.#hasBegun = true;
    this.#body = new StreamBody(reply.raw, {
      piped: () => this.#writeDirectly(reply.raw.statusCode),
      wanted: () => this.#goOn(),
    });
    try {
      describeAnswer(new ReplyExchange(request, reply), headers);
      reply.code(status);
      reply.send(this.#body);
    } catch (error) {
      this.#sink.fail(error);
    }
  }

  answer(head: StreamHead): void {
    this.begin(head);
    this.end();
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#isDirect) return this.#sink.write(chunk);
    if (!this.#hasBegun) this.begin(EVENT_STREAM);
    // Fastify may have sent it at once.
    if (this.#isDirect) return this.#sink.write(chunk);
    if (this.#isEnded || this.#sink.isOver || this.#body === undefined) return false;
    if (!this.#body.push(chunk)) this.#isFull = true;
    return !this.#isFull;
  }

  onDrain(callback: () => void): void {
    this.#drained = callback;
    this.#sink.onDrain(callback);
  }

  onClose(callback: () => void): void {
    this.#sink.onClose(callback);
  }

  end(): void {
    if (!this.#hasBegun) this.begin(NO_CONTENT);
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#isDirect) this.#sink.end();
    else this.#body?.push(null);
  }

  cut(): void {
    this.#sink.cut();
  }

  fail(error: unknown): boolean {
    if (!this.#hasBegun) return this.#sink.fail(error);
    this.cut();
    return false;
  }

  #writeDirectly(status: number): void {
    const body = this.#body;
    const isWaiting = this.#isFull;
    this.#isDirect = true;
    this.#isFull = false;
    this.#body = undefined;
    this.#given = undefined;
    this.#sink.sendHead(status);
    let isTaken = true;
    // Since Node 26, a call reads one chunk; before, it read all there are.
    for (let early: Buffer | null = body?.read() ?? null; early !== null; early = body?.read() ?? null) {
      isTaken = this.#sink.write(early);
    }
    // Fastify waits for the end of the body.
    body?.push(null);
    body?.resume();
    if (this.#isEnded) this.#sink.end();
    else if (isWaiting && isTaken) this.#drained?.();
  }

  #goOn(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#drained?.();
  }
}
