import type { Ending, Exchange, Incoming } from '../exchange.js';
import { NodeIncoming } from '../node/exchange.js';
import { onceOver } from '../node/once-over.js';
import { type NodePair, nodePairOf } from './node-pair.js';

/** Headers that are the same for every client, so that setting one on a response that several requests share gives nothing away. */
const FOR_ALL = /^(?:vary|cache-control)$/i;

/** A `Request` of the Fetch standard. `given`: what else the server passed to the handler. */
export class WebIncoming implements Incoming {
  protected readonly node: NodePair | undefined;
  readonly #request: Request;

  constructor(request: Request, given: unknown) {
    this.#request = request;
    this.node = nodePairOf(request, given);
  }

  get method(): string {
    return this.#request.method;
  }

  requestHeader(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  isSecure(): boolean {
    return this.#request.url.startsWith('https:');
  }

  /** That of the URL, which the server made of what it trusts. Some make it of any Host header, and do not parse it. */
  host(): string | undefined {
    try {
      return new URL(this.#request.url).host;
    } catch {
      return undefined;
    }
  }

  /** Without a socket to look at, a request counts as one from elsewhere. */
  isLoopback(): boolean {
    return this.node !== undefined && new NodeIncoming(this.node.incoming).isLoopback();
  }
}

/** A `Request` and, once there is one, its `Response`. */
export class WebExchange extends WebIncoming implements Exchange, Ending {
  readonly #waiting: (() => void)[] = [];
  #response: Response | undefined;
  #isCopied = false;
  #isOver = false;

  /**
   * Takes the handler's response. Returns whether headers that are added to it reach the client.
   * @param isUsed whether the session was used. Otherwise the headers are not looked at, which makes servers send them slower.
   */
  answer(response: Response, isUsed: boolean): boolean {
    this.#response = response;
    return isHttp(response) && this.node?.outgoing.headersSent !== true && !(isUsed && isMerelySign(response));
  }

  /** The response to send: the handler's, or a copy of it with other headers. */
  get response(): Response {
    if (this.#response === undefined) throw new TypeError('activateSessions: there is no response yet');
    return this.#response;
  }

  /** The response has been decided: it is the server's now, or there is none. */
  end(): void {
    this.#isOver = true;
    if (this.node === undefined) for (const callback of this.#waiting.splice(0)) setImmediate(callback);
  }

  get ending(): Ending {
    return this;
  }

  onceOver(callback: () => void): void {
    if (this.node !== undefined) onceOver(this.node.outgoing, this.node.incoming.socket, callback);
    else if (this.#isOver) setImmediate(callback);
    else this.#waiting.push(callback);
  }

  responseHeader(name: string): readonly string[] {
    const { headers } = this.response;
    if (name.toLowerCase() === 'set-cookie') return headers.getSetCookie();
    const value = headers.get(name);
    return value === null ? [] : [value];
  }

  setResponseHeader(name: string, value: string | readonly string[]): void {
    const [first, ...others] = typeof value === 'string' ? [value] : value;
    this.#change(name, (headers) => {
      if (first === undefined) headers.delete(name);
      else headers.set(name, first);
      for (const one of others) headers.append(name, one);
    });
  }

  responseHeaderNames(): readonly string[] {
    return [...this.response.headers.keys()];
  }

  removeResponseHeader(name: string): void {
    this.#change(name, (headers) => headers.delete(name));
  }

  /** A handler may return one response, without a body, for many requests. What is for one client goes on a copy. */
  #change(name: string, change: (headers: Headers) => void): void {
    if (!FOR_ALL.test(name)) this.#copy();
    try {
      change(this.response.headers);
    } catch (error) {
      // The headers of fetch(), Response.redirect() and Response.error() cannot be changed.
      if (this.#isCopied) throw error;
      this.#copy();
      change(this.response.headers);
    }
  }

  #copy(): void {
    if (this.#isCopied) return;
    const { response } = this;
    this.#response = new Response(response.body, response);
    this.#isCopied = true;
  }
}

/** Whether a response can be copied: not a network error, an upgrade to WebSocket, or something else in a response's place. */
function isHttp(response: unknown): boolean {
  const { status }: Partial<Response> = Object(response);
  return typeof status === 'number' && status >= 200 && 'headers' in Object(response);
}

/** Whether it only says that the handler writes to Node's response itself (@hono/node-server). */
function isMerelySign({ headers }: Response): boolean {
  return headers.has('x-hono-already-sent');
}
