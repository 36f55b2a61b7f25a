import { type IdentityOptions, readIdentityOption } from '../../src/http/identity-options.js';
import { type CreatePolicy, Lifecycle } from '../../src/http/lifecycle.js';
import { CookieTransport } from '../../src/http/transports/cookie.js';
import type { CookieOptions } from '../../src/http/transports/cookie-options.js';
import { type HeaderOptions, HeaderTransport } from '../../src/http/transports/header.js';
import type { Visit } from '../../src/http/visit.js';
import { FakeExchange } from './fake-exchange.js';
import { Shop, type ShopOptions, type ShopSession } from './shop.js';

/** Sids in good shape that open nothing. */
export const JUNK: readonly string[] = ['junk', 'a.b.c', 'eyJhbGciOiJIUzUxMiJ9.e30.AAAA', '-', '.', 'x'.repeat(16_384)];

/** What a client sends: sids by cookie, a sid by header, and other headers. */
export interface Carried {
  readonly method?: string;
  readonly cookie?: string | readonly string[];
  readonly header?: string;
  /** An identity token by cookie. */
  readonly auth?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly passive?: boolean;
}

export interface SiteOptions extends ShopOptions {
  readonly cookie?: true | string | CookieOptions | false;
  readonly header?: true | string | HeaderOptions | false;
  readonly create?: CreatePolicy;
  readonly identity?: false | IdentityOptions;
}

/** A request between opening and commit. */
export interface OpenVisit {
  readonly exchange: FakeExchange;
  readonly visit: Visit<ShopSession>;
  /** The request's session; throws where there is none. */
  readonly session: ShopSession;
  /** Ends the request; gives what the client got. */
  commit(): Promise<FakeExchange>;
}

/** A lifecycle over sessions of one kind. */
export class Site extends Shop {
  readonly lifecycle: Lifecycle<ShopSession>;

  constructor({ cookie = true, header = false, create = 'lazy', identity = false, ...options }: SiteOptions = {}) {
    super(options);
    const transports = {
      cookie: cookie === false ? undefined : new CookieTransport(cookie),
      header: header === false ? undefined : new HeaderTransport(header),
    };
    const identityCookie = identity === false ? undefined : readIdentityOption(identity, transports.cookie);
    this.lifecycle = new Lifecycle(this.sessionStorage, transports, create, identityCookie);
  }

  /** Opens a request with what a client sends. */
  async open({ method = 'GET', cookie, header, auth, headers, passive = false }: Carried = {}): Promise<OpenVisit> {
    const sids = cookie === undefined ? [] : [cookie].flat();
    const cookies = [...sids.map((sid) => `sid=${sid}`), ...(auth === undefined ? [] : [`auth=${auth}`])];
    const exchange = new FakeExchange({
      method,
      headers: {
        ...headers,
        ...((cookie !== undefined || auth !== undefined) && { cookie: cookies.join('; ') }),
        ...(header !== undefined && { 'x-session-id': header }),
      },
    });
    const visit = await this.lifecycle.open(exchange, passive);
    return {
      exchange,
      visit,
      get session() {
        if (visit.session === undefined) throw new Error('the request has no session');
        return visit.session;
      },
      commit: async () => {
        await this.lifecycle.commit(exchange, visit);
        return exchange;
      },
    };
  }

  /** A whole request; `handle` is given its session, where there must be one. Gives what the client got. */
  async ask(carried: Carried = {}, handle?: (session: ShopSession) => void): Promise<FakeExchange> {
    const opened = await this.open(carried);
    handle?.(opened.session);
    return await opened.commit();
  }
}
