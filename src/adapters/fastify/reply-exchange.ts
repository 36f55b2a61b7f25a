import { headerLines, NodeExchange, type NodeRequest } from '../../http/node/exchange.js';
import type { NodeReply } from './any-reply.js';

/** A request and reply of Fastify. A reply keeps headers of its own, which replace those of `reply.raw`. */
export class ReplyExchange extends NodeExchange {
  readonly #reply: NodeReply;

  constructor(request: NodeRequest, reply: NodeReply) {
    super(request, reply.raw);
    this.#reply = reply;
  }

  override responseHeader(name: string): readonly string[] {
    return headerLines(this.#reply.getHeader(name));
  }

  override setResponseHeader(name: string, value: string | readonly string[]): void {
    // `header` replaces every header but this one.
    if (name.toLowerCase() === 'set-cookie') this.#reply.removeHeader(name);
    this.#reply.header(name, value);
  }

  override responseHeaderNames(): readonly string[] {
    return Object.keys(this.#reply.getHeaders());
  }

  override removeResponseHeader(name: string): void {
    this.#reply.removeHeader(name);
  }
}
