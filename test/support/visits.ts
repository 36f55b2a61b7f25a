import type { Cookie } from 'tough-cookie';
import type { CookieOptions } from '../../src/http/cookie-options.js';
import { CookieTransport } from '../../src/http/cookie-transport.js';
import { type HeaderOptions, HeaderTransport } from '../../src/http/header-transport.js';
import { type CreatePolicy, Lifecycle, type Visit } from '../../src/http/lifecycle.js';
import { RevocationList, type Session, type SessionStorage, type SessionStorageOptions } from '../../src/index.js';
import { AsyncSource } from './async-source.js';
import type { Mode } from './deferred-head.js';
import { FakeExchange } from './fake-exchange.js';
import { bench, eventsOf } from './sessions.js';
import { ManualClock } from './token-fixtures.js';
import { parsed } from './transports.js';

/** What the tests keep in sessions. */
export interface ShopData {
  count?: number;
  text?: string;
}

export interface ShopUser {
  name?: string;
}

export type ShopSession = Session<ShopData, ShopUser>;
export type ShopStorage = SessionStorage<ShopData, ShopUser>;

/** What a client carries: sids by cookie, a sid by header, and anything else. */
export interface Carried {
  readonly method?: string;
  readonly cookie?: string | readonly string[];
  readonly header?: string;
  readonly passive?: boolean;
}

export interface SiteOptions extends Partial<SessionStorageOptions<ShopData, ShopUser>> {
  readonly mode?: Mode;
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

/** A lifecycle with everything around it, on a clock that stands still. Revocations are in memory. */
export class Site {
  readonly clock: ManualClock;
  readonly storage: ShopStorage;
  readonly lifecycle: Lifecycle<ShopSession>;
  readonly source: AsyncSource<ShopSession>;
  /** What the storage told since. */
  readonly told: [name: string, event: unknown][];

  constructor({ mode = 'synchronous', cookie = true, header = false, create = 'lazy', ...options }: SiteOptions = {}) {
    this.clock = new ManualClock();
    const { clock } = this;
    const revocations = new RevocationList({ clock });
    this.storage = bench<ShopData, ShopUser>({ clock, revocations, ...options }).storage;
    this.source = new AsyncSource(this.storage);
    this.told = eventsOf(this.storage);
    const transports = {
      cookie: cookie === false ? undefined : new CookieTransport(cookie),
      header: header === false ? undefined : new HeaderTransport(header),
    };
    this.lifecycle = new Lifecycle(mode === 'synchronous' ? this.storage : this.source, transports, create);
  }

  get toldNames(): readonly string[] {
    return this.told.map(([name]) => name);
  }

  pass(ms: number): void {
    this.clock.time += ms;
  }

  /** A sid that some client holds: of a session with this data, signed in when there is a uid. */
  issue(data: ShopData = {}, uid?: string): string {
    const session = this.storage.create(data);
    if (uid !== undefined) session.setUser(uid);
    return session.forClient();
  }

  async open({ method = 'GET', cookie, header, passive = false }: Carried = {}): Promise<OpenVisit> {
    const sids = cookie === undefined ? [] : [cookie].flat();
    const exchange = new FakeExchange({
      method,
      headers: {
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
