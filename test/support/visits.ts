import type { Cookie } from 'tough-cookie';
import { type CreatePolicy, Lifecycle, type Visit } from '../../src/http/lifecycle.js';
import { CookieTransport } from '../../src/http/transports/cookie.js';
import type { CookieOptions } from '../../src/http/transports/cookie-options.js';
import { type HeaderOptions, HeaderTransport } from '../../src/http/transports/header.js';
import { FakeExchange } from './fake-exchange.js';
import { Shop, type ShopOptions, type ShopSession } from './shop.js';
import { parsed } from './transports.js';

/** Sids in good shape that open nothing. */
export const JUNK: readonly string[] = ['junk', 'a.b.c', 'eyJhbGciOiJIUzUxMiJ9.e30.AAAA', '-', '.', 'x'.repeat(16_384)];

/** What a client sends: sids by cookie, a sid by header, and other headers. */
export interface Carried {
  readonly method?: string;
  readonly cookie?: string | readonly string[];
  readonly header?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly passive?: boolean;
}

export interface SiteOptions extends ShopOptions {
  readonly cookie?: true | string | CookieOptions | false;
  readonly header?: true | string | HeaderOptions | false;
  readonly create?: CreatePolicy;
}

/** A request between opening and commit. */
export class OpenVisit {
  readonly exchange: FakeExchange;
  readonly visit: Visit<ShopSession>;
  readonly #lifecycle: Lifecycle<ShopSession>;

  constructor(exchange: FakeExchange, visit: Visit<ShopSession>, lifecycle: Lifecycle<ShopSession>) {
    this.exchange = exchange;
    this.visit = visit;
    this.#lifecycle = lifecycle;
  }

  /** The request's session, where there must be one. */
  get session(): ShopSession {
    const { session } = this.visit;
    if (session === undefined) throw new Error('the request has no session');
    return session;
  }

  async commit(): Promise<Answered> {
    await this.#lifecycle.commit(this.exchange, this.visit);
    return new Answered(this.exchange);
  }
}

/** What a client gets. */
export class Answered {
  readonly exchange: FakeExchange;

  constructor(exchange: FakeExchange) {
    this.exchange = exchange;
  }

  /** All cookies that were set, as an independent parser reads them. */
  get cookies(): readonly Cookie[] {
    return this.exchange.setCookies.map(parsed);
  }

  /** The one session cookie. */
  get cookie(): Cookie {
    const [cookie, ...others] = this.cookies.filter(({ key }) => key === 'sid');
    if (cookie === undefined || others.length > 0) throw new Error(`${others.length + (cookie ? 1 : 0)} sid cookies`);
    return cookie;
  }

  /** The session header, `undefined` when there is none. */
  get header(): string | undefined {
    return this.exchange.responseHeader('x-session-id')[0];
  }

  /** The names of all headers that were set. */
  get headerNames(): readonly string[] {
    return [...this.exchange.responseHeaders.keys()].sort();
  }
}

/** A lifecycle over sessions of one kind. */
export class Site extends Shop {
  readonly lifecycle: Lifecycle<ShopSession>;

  constructor({ cookie = true, header = false, create = 'lazy', ...options }: SiteOptions = {}) {
    super(options);
    const transports = {
      cookie: cookie === false ? undefined : new CookieTransport(cookie),
      header: header === false ? undefined : new HeaderTransport(header),
    };
    this.lifecycle = new Lifecycle(this.sessionStorage, transports, create);
  }

  async open({ method = 'GET', cookie, header, headers, passive = false }: Carried = {}): Promise<OpenVisit> {
    const sids = cookie === undefined ? [] : [cookie].flat();
    const exchange = new FakeExchange({
      method,
      headers: {
        ...headers,
        ...(cookie !== undefined && { cookie: sids.map((sid) => `sid=${sid}`).join('; ') }),
        ...(header !== undefined && { 'x-session-id': header }),
      },
    });
    return new OpenVisit(exchange, await this.lifecycle.open(exchange, passive), this.lifecycle);
  }

  /** A whole request; `handle` is given its session, where there must be one. */
  async ask(carried: Carried = {}, handle?: (session: ShopSession) => void): Promise<Answered> {
    const opened = await this.open(carried);
    handle?.(opened.session);
    return await opened.commit();
  }
}
