import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';
import type { Ending, Exchange, Incoming } from '../exchange.js';
import { onceOver } from './once-over.js';

/** Headers that proxies add. */
const OF_PROXIES = /^(?:x-forwarded-.*|x-real-ip|x-client-ip|x-original-.*|forwarded|via|cf-.*|true-client-ip)$/;
/** Hosts that mean the browser's own machine. */
const LOCAL_HOST = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * A request of Node or of a framework. According to the framework's trust-proxy setting, `secure` and `protocol` say whether it
 * came over TLS, and `hostname` is the host that the client asked, without the port.
 */
export type NodeRequest = Pick<IncomingMessage, 'method' | 'headers' | 'socket'> & {
  readonly secure?: unknown;
  readonly protocol?: unknown;
  readonly hostname?: unknown;
};

/** A request of `node:http`, or of a framework on top of it. */
export class NodeIncoming implements Incoming {
  readonly #request: NodeRequest;

  constructor(request: NodeRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  requestHeader(name: string): string | undefined {
    const { headers } = this.#request;
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return Array.isArray(value) ? value.join(', ') : value;
  }

  isSecure(): boolean {
    const { secure } = this.#request;
    if (typeof secure === 'boolean') return secure;
    const { protocol } = this.#request;
    return typeof protocol === 'string' ? protocol === 'https' : 'encrypted' in Object(this.#request.socket);
  }

  host(): string | undefined {
    const own = this.#authority();
    const forwarded = this.requestHeader('x-forwarded-host');
    if (forwarded === undefined) return own;
    // Frameworks leave the port out, and differ in which host of a list they take.
    const { hostname } = this.#request;
    return (
      forwarded
        .split(',')
        .map(trimmed)
        .find((host) => withoutPort(host) === hostname) ?? own
    );
  }

  isLoopback(): boolean {
    const { socket, headers } = this.#request;
    const address = (socket?.remoteAddress ?? '').replace(/^::ffff:/, '');
    const isOwn = address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
    return (
      isOwn && LOCAL_HOST.test(this.#authority() ?? '') && !Object.keys(headers).some((name) => OF_PROXIES.test(name))
    );
  }

  /** HTTP/2 has no Host header. */
  #authority(): string | undefined {
    return this.requestHeader('host') ?? this.requestHeader(':authority');
  }
}

class NodeEnding implements Ending {
  readonly #response: ServerResponse;
  readonly #socket: IncomingMessage['socket'];

  constructor(response: ServerResponse, socket: IncomingMessage['socket']) {
    this.#response = response;
    this.#socket = socket;
  }

  onceOver(callback: () => void): void {
    onceOver(this.#response, this.#socket, callback);
  }
}

/** A request and response of `node:http`, or of a framework on top of it. */
export class NodeExchange extends NodeIncoming implements Exchange {
  readonly ending: Ending;
  readonly #response: ServerResponse;

  constructor(request: NodeRequest, response: ServerResponse) {
    super(request);
    this.#response = response;
    this.ending = new NodeEnding(response, request.socket);
  }

  responseHeader(name: string): readonly string[] {
    return headerLines(this.#response.getHeader(name));
  }

  setResponseHeader(name: string, value: string | readonly string[]): void {
    this.#response.setHeader(name, value);
  }

  responseHeaderNames(): readonly string[] {
    return hasMethods(this.#response, 'getHeaderNames') ? this.#response.getHeaderNames() : [];
  }

  removeResponseHeader(name: string): void {
    this.#response.removeHeader(name);
  }
}

/** The lines of a response header as Node keeps it. */
export function headerLines(value: ReturnType<ServerResponse['getHeader']>): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}

function trimmed(text: string): string {
  return text.trim();
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}
