import { CookieJar } from 'tough-cookie';
import { z } from 'zod';

export type Carrier = 'cookie' | 'header';

const view = z.strictObject({
  id: z.string(),
  lineage: z.string(),
  uid: z.string().nullable(),
  userData: z.record(z.string(), z.unknown()),
  sessionData: z.record(z.string(), z.unknown()),
  info: z.record(z.string(), z.unknown()),
  created: z.number(),
  lastAccess: z.number(),
  lastUpdate: z.number(),
  authenticatedAt: z.number().nullable(),
  expires: z.number(),
  timeLeft: z.number(),
});
export type View = z.output<typeof view>;

const token = z.strictObject({
  token: z.string(),
  header: z.record(z.string(), z.unknown()),
  payload: z.record(z.string(), z.unknown()),
});

const devices = z.strictObject({
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      lineage: z.string(),
      uid: z.string(),
      created: z.number(),
      lastAccess: z.number(),
      lastUpdate: z.number(),
      expires: z.number(),
      info: z.strictObject({ client: z.string() }),
      isCurrent: z.boolean(),
    }),
  ),
});
export type Device = z.output<typeof devices>['sessions'][number];

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * A client of the console that keeps its sid as browsers do, or as a program does that works by header. With cookies, its requests
 * that change something have the CSRF token of the cookie, or one that it asks for if it has no such cookie.
 */
export class ConsoleClient {
  readonly jar: CookieJar = new CookieJar();
  readonly #base: string;
  readonly #carrier: Carrier;
  #header = '';

  constructor(base: string, carrier: Carrier) {
    this.#base = base;
    this.#carrier = carrier;
  }

  /** What it holds; `''` for nothing. */
  get sid(): string {
    return this.#carrier === 'header' ? this.#header : this.#cookie('sid');
  }

  /** The value of the CSRF cookie; `''` for none. */
  get csrf(): string {
    return this.#cookie('csrf');
  }

  #cookie(name: string): string {
    return this.jar.getCookiesSync(this.#base).find((cookie) => cookie.key === name)?.value ?? '';
  }

  set sid(sid: string) {
    this.#header = sid;
    if (this.#carrier === 'cookie') this.jar.setCookieSync(`sid=${sid}; Path=/`, this.#base);
  }

  /** The cookies that scripts can read, as `document.cookie` has them. */
  get readableCookies(): string {
    const cookies = this.jar.getCookiesSync(this.#base).filter(({ httpOnly }) => !httpOnly);
    return cookies.map(({ key, value }) => `${key}=${value}`).join('; ');
  }

  /** A client without cookies. */
  stranger(): ConsoleClient {
    return new ConsoleClient(this.#base, 'cookie');
  }

  /** A token from the service. */
  async newToken(): Promise<string> {
    return (await this.send('GET', '/api/csrf-token')).text;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const needsToken = this.#carrier === 'cookie' && method !== 'GET' && headers['X-CSRF-Token'] === undefined;
    const token = needsToken ? { 'X-CSRF-Token': this.csrf || (await this.newToken()) } : {};
    return await this.sendAsIs(method, path, body, { ...token, ...headers });
  }

  /** Sends a request without a CSRF token, unless the headers have one. */
  async sendAsIs(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const sent = new Headers();
    if (method !== 'GET') sent.set('Content-Type', 'application/json');
    const cookies = this.jar.getCookieStringSync(this.#base);
    if (this.#carrier === 'header') sent.set('X-Session-Id', this.#header);
    else if (cookies !== '') sent.set('Cookie', cookies);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: sent,
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    for (const line of response.headers.getSetCookie()) this.jar.setCookieSync(line, this.#base);
    this.#header = response.headers.get('X-Session-Id') ?? this.#header;
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Does what must succeed, and gives the session that the service then shows. */
  async done(method: string, path: string, body?: unknown): Promise<View> {
    const { status, text } = await this.send(method, path, body);
    if (status !== 200 && status !== 204) throw new Error(`${method} ${path}: ${status} ${text}`);
    const session = await this.session();
    if (session === null) throw new Error(`${method} ${path}: no session after it`);
    return session;
  }

  async signIn(name: string, more: Record<string, unknown> = {}): Promise<View> {
    return await this.done('POST', '/api/sign-in', { name, ...more });
  }

  async session(): Promise<View | null> {
    const { text } = await this.send('GET', '/api/session');
    return z.strictObject({ session: view.nullable() }).parse(JSON.parse(text)).session;
  }

  /** The user's sessions, the one used last first. */
  async devices(): Promise<Device[]> {
    return devices.parse(JSON.parse((await this.send('GET', '/api/sessions')).text)).sessions;
  }

  async token(): Promise<z.output<typeof token>> {
    return token.parse(JSON.parse((await this.send('GET', '/api/token')).text));
  }
}
