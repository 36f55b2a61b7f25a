import type { Cookie } from 'tough-cookie';
import type { Ending, Exchange } from '../../src/http/exchange.js';
import { parsed } from './transports.js';

/** What a test may say of the request; by default a GET over TLS from elsewhere, without headers. */
export interface FakeRequest {
  readonly method?: string;
  readonly secure?: boolean;
  readonly loopback?: boolean;
  /** The host that the client asked. Default: the Host header. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request and response in memory. Both maps are keyed by lower-case header name. */
export class FakeExchange implements Exchange, Ending {
  readonly method: string;
  readonly requestHeaders: Map<string, string>;
  readonly responseHeaders = new Map<string, readonly string[]>();
  readonly #secure: boolean;
  readonly #loopback: boolean;
  readonly #host: string | undefined;
  readonly #atEnd: (() => void)[] = [];

  constructor({ method = 'GET', secure = true, loopback = false, host, headers = {} }: FakeRequest = {}) {
    this.method = method;
    this.#secure = secure;
    this.#loopback = loopback;
    this.#host = host;
    this.requestHeaders = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  }

  requestHeader(name: string): string | undefined {
    return this.requestHeaders.get(name);
  }

  isSecure(): boolean {
    return this.#secure;
  }

  host(): string | undefined {
    return this.#host ?? this.requestHeader('host');
  }

  isLoopback(): boolean {
    return this.#loopback;
  }

  responseHeader(name: string): readonly string[] {
    return this.responseHeaders.get(name) ?? [];
  }

  setResponseHeader(name: string, value: string | readonly string[]): void {
    this.responseHeaders.set(name.toLowerCase(), typeof value === 'string' ? [value] : [...value]);
  }

  responseHeaderNames(): readonly string[] {
    return [...this.responseHeaders.keys()];
  }

  removeResponseHeader(name: string): void {
    this.responseHeaders.delete(name.toLowerCase());
  }

  get ending(): Ending {
    return this;
  }

  onceOver(callback: () => void): void {
    this.#atEnd.push(callback);
  }

  /** Ends the response. */
  finish(): void {
    for (const callback of this.#atEnd.splice(0)) callback();
  }

  /** The `Set-Cookie` lines so far. */
  get setCookies(): readonly string[] {
    return this.responseHeader('set-cookie');
  }

  /** All cookies that were set, as an independent parser reads them. */
  get cookies(): readonly Cookie[] {
    return this.setCookies.map(parsed);
  }

  /** The one session cookie. */
  get cookie(): Cookie {
    const [cookie, ...others] = this.cookies.filter(({ key }) => key === 'sid');
    if (cookie === undefined || others.length > 0) throw new Error(`${others.length + (cookie ? 1 : 0)} sid cookies`);
    return cookie;
  }

  /** The one identity cookie; `undefined` if there is none. */
  get identity(): Cookie | undefined {
    const [cookie, ...others] = this.cookies.filter(({ key }) => key === 'auth');
    if (others.length > 0) throw new Error(`${others.length + 1} identity cookies`);
    return cookie;
  }

  /** The session header, `undefined` when there is none. */
  get header(): string | undefined {
    return this.responseHeader('x-session-id')[0];
  }

  /** The names of all headers that were set. */
  get headerNames(): readonly string[] {
    return [...this.responseHeaders.keys()].sort();
  }
}
