import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { selfSigned } from './certificate.js';
import type { Handler } from './deferred-head.js';

/** A request that a server got. */
export interface Received {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

interface StaticPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

const servers: Server[] = [];
let credentials: ReturnType<typeof selfSigned> | undefined;

/** Several sites on one port: a handler answers for its hosts, and pages of the test are those of any others. */
export class Web {
  /** What was received, the oldest first. */
  readonly received: Received[] = [];
  readonly #scheme: 'http' | 'https';
  readonly #server: Server;
  readonly #pages = new Map<string, StaticPage>();
  #handler: Handler | undefined;
  #port = 0;

  private constructor(scheme: 'http' | 'https') {
    this.#scheme = scheme;
    if (scheme === 'https') credentials ??= selfSigned('shop.test');
    this.#server = scheme === 'http' ? createServer() : createTlsServer({ ...credentials });
    this.#server.on('request', (request, response) => {
      const { method = '', url: path = '', headers } = request;
      const { host = '' } = headers;
      this.received.push({ method, host: host.replace(/:\d+$/, ''), path, headers });
      const page = this.#pages.get(host + path);
      if (page === undefined) this.#handler?.(request, response);
      else response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...page.headers }).end(page.html);
    });
  }

  /** With a port, before there are pages and a handler. */
  static async open(scheme: 'http' | 'https' = 'http'): Promise<Web> {
    const web = new Web(scheme);
    servers.push(web.#server.listen(0, '127.0.0.1'));
    await once(web.#server, 'listening');
    const address = web.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    web.#port = address.port;
    return web;
  }

  /** What answers where there is no page. */
  answerWith(handler: Handler): void {
    this.#handler = handler;
  }

  url(host: string, path = '/'): string {
    return `${this.#scheme}://${host}:${this.#port}${path}`;
  }

  /** Cuts all connections, and answers on the same port again. */
  async restart(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Puts a page on a host, at a path of its own, and returns its address. */
  put(host: string, body: string, headers: Readonly<Record<string, string>> = {}): string {
    const path = `/page-${this.#pages.size}`;
    this.#pages.set(`${host}:${this.#port}${path}`, { html: pageOf(body), headers });
    return this.url(host, path);
  }

  /** The next request for a path, once it was answered. */
  async answered(path: string): Promise<IncomingMessage> {
    return await new Promise((resolve) => {
      this.#server.on('request', (request: IncomingMessage, response) => {
        if (request.url === path) response.once('close', () => resolve(request));
      });
    });
  }

  /** The requests for a path, the oldest first. */
  receivedAt(path: string): readonly Received[] {
    return this.received.filter((request) => request.path === path);
  }
}

/** A document; browsers ask for no icon of it. */
export function pageOf(body: string): string {
  return `<!doctype html><html lang="en"><head><link rel="icon" href="data:,"></head><body>${body}</body></html>`;
}

/** Closes what was opened; call it in a suite. */
export function closesWebs(): void {
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
}
