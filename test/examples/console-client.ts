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

/** A client of the console that keeps its sid as browsers do, or as a program does that works by header. */
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
    if (this.#carrier === 'header') return this.#header;
    return this.jar.getCookiesSync(this.#base).find((cookie) => cookie.key === 'sid')?.value ?? '';
  }

  set sid(sid: string) {
    this.#header = sid;
    if (this.#carrier === 'cookie') this.jar.setCookieSync(`sid=${sid}; Path=/`, this.#base);
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const held = this.#carrier === 'header' ? this.#header : this.jar.getCookieStringSync(this.#base);
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(method === 'GET' ? {} : { 'Content-Type': 'application/json' }),
        ...(this.#carrier === 'header' ? { 'X-Session-Id': held } : held === '' ? {} : { Cookie: held }),
        ...headers,
      },
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
