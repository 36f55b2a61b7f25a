import { activate } from '../../src/http/activation.js';
import type { CsrfOptions } from '../../src/http/csrf/options.js';
import { CsrfRefused } from '../../src/index.js';
import { FakeExchange } from './fake-exchange.js';
import { Shop, type ShopOptions, type ShopSession } from './shop.js';

/** A request of no framework in particular. */
export interface Ask {
  readonly path: string;
  session?: ShopSession;
}

export interface CsrfSiteOptions {
  readonly shop?: ShopOptions;
  readonly csrf?: 'token' | CsrfOptions<Ask>;
  readonly cookie?: true | string;
  readonly header?: boolean;
  readonly create?: 'lazy' | 'eager' | 'never';
  readonly only?: (request: Ask) => boolean;
}

/** What a handler is given. */
export interface Call {
  readonly request: Ask;
  readonly session: ShopSession | undefined;
  token(): string;
  checkBody(body: unknown): void;
}

/** What a request sends, besides the cookies of its client. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const SECRET = 'x'.repeat(32);

/** An activation that requires tokens, for clients that keep cookies. */
export class CsrfSite {
  readonly shop: Shop;
  readonly activation;

  constructor({ shop = {}, csrf = { token: true, secret: SECRET }, cookie = true, ...options }: CsrfSiteOptions = {}) {
    this.shop = new Shop(shop);
    const { sessionStorage } = this.shop;
    this.activation = activate<ShopSession, Ask>({ sessionStorage, cookie, csrf, ...options });
  }

  client(jar: Readonly<Record<string, string>> = {}): CsrfClient {
    return new CsrfClient(this, jar);
  }
}

/** A client of one site. */
export class CsrfClient {
  readonly jar: Map<string, string>;
  readonly #site: CsrfSite;

  constructor(site: CsrfSite, jar: Readonly<Record<string, string>>) {
    this.#site = site;
    this.jar = new Map(Object.entries(jar));
  }

  get token(): string {
    return this.jar.get('csrf') ?? '';
  }

  /** One request from open to commit; `handle` throws what the handler would. */
  async ask(sent: Sent = {}, handle: (call: Call) => void = () => undefined): Promise<FakeExchange> {
    const { method = 'GET', path = '/', headers = {} } = sent;
    const { activation } = this.#site;
    const cookie = Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ');
    const exchange = new FakeExchange({ method, headers: { ...(cookie !== '' && { cookie }), ...headers } });
    const request: Ask = { path };
    const visit = await activation.open(request, exchange);
    try {
      handle({
        request,
        get session() {
          return activation.of(request);
        },
        token: () => activation.csrfToken(request),
        checkBody: (body) => activation.checkCsrf(request, body),
      });
    } finally {
      await activation.commit(exchange, visit);
      for (const { key, value } of exchange.cookies) value === '' ? this.jar.delete(key) : this.jar.set(key, value);
    }
    return exchange;
  }

  /** The reason why a POST is refused whose handler uses its session; 'passed' if it is not. */
  async post(
    token?: string,
    sent: Sent = {},
    handle: (call: Call) => void = ({ session }) => session,
  ): Promise<string> {
    const headers = { ...sent.headers, ...(token !== undefined && { 'x-csrf-token': token }) };
    return await outcomeOf(this.ask({ method: 'POST', ...sent, headers }, handle));
  }

  /** The token that a page for this client contains. */
  async page(handle: (call: Call) => void = () => undefined): Promise<string> {
    let token = '';
    await this.ask({}, (call) => {
      handle(call);
      token = call.token();
    });
    return token;
  }
}

async function outcomeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'passed';
  } catch (error) {
    if (error instanceof CsrfRefused) return error.reason;
    throw error;
  }
}
