import type { Exchange } from '../../src/http/exchange.js';

/** What a test may say of the request; by default a GET over TLS from elsewhere, without headers. */
export interface FakeRequest {
  readonly method?: string;
  readonly secure?: boolean;
  readonly loopback?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request and response in memory. Both maps are keyed by lower-case header name. */
export class FakeExchange implements Exchange {
  readonly method: string;
  readonly requestHeaders: Map<string, string>;
  readonly responseHeaders = new Map<string, readonly string[]>();
  readonly #secure: boolean;
  readonly #loopback: boolean;
  readonly #atEnd: (() => void)[] = [];

  constructor({ method = 'GET', secure = true, loopback = false, headers = {} }: FakeRequest = {}) {
    this.method = method;
    this.#secure = secure;
    this.#loopback = loopback;
    this.requestHeaders = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  }

  requestHeader(name: string): string | undefined {
    return this.requestHeaders.get(name);
  }

  isSecure(): boolean {
    return this.#secure;
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
}
