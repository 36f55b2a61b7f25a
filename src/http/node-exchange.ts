import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Exchange, Incoming } from './exchange.js';

const FORWARDING = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'via'] as const;

/** What a framework puts on the requests it knows: whether they came over TLS, proxies that it trusts considered. */
export type NodeRequest = IncomingMessage & { readonly secure?: unknown };

/** A `node:http` request, or one that a framework made of it. */
export class NodeIncoming implements Incoming {
  readonly #request: NodeRequest;

  constructor(request: NodeRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  requestHeader(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  isSecure(): boolean {
    const { secure, socket } = this.#request;
    return typeof secure === 'boolean' ? secure : 'encrypted' in socket;
  }

  isLoopback(): boolean {
    const { socket, headers } = this.#request;
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const isOwn = address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
    return isOwn && FORWARDING.every((name) => headers[name] === undefined);
  }
}

/** A `node:http` request and response. */
export class NodeExchange extends NodeIncoming implements Exchange {
  readonly #response: ServerResponse;

  constructor(request: NodeRequest, response: ServerResponse) {
    super(request);
    this.#response = response;
  }

  responseHeader(name: string): readonly string[] {
    const value = this.#response.getHeader(name);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [String(value)];
  }

  setResponseHeader(name: string, value: string | readonly string[]): void {
    this.#response.setHeader(name, value);
  }
}
