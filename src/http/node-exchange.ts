import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Exchange, Incoming } from './exchange.js';

const FORWARDING = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'via'] as const;

/** A `node:http` request. `secure` says what the framework makes of proxies; without it the socket decides. */
export class NodeIncoming implements Incoming {
  readonly #request: IncomingMessage;
  readonly #secure: boolean | undefined;

  constructor(request: IncomingMessage, secure?: boolean) {
    this.#request = request;
    this.#secure = secure;
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  requestHeader(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  isSecure(): boolean {
    return this.#secure ?? 'encrypted' in this.#request.socket;
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

  constructor(request: IncomingMessage, response: ServerResponse, secure?: boolean) {
    super(request, secure);
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
