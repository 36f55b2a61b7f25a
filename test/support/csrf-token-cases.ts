import { expect } from 'chai';
import type { CsrfOptions } from '../../src/http/csrf/options.js';
import { CsrfRefused, SessionError } from '../../src/index.js';
import type { SessionSource } from '../../src/storage/session-source.js';
import { Browser } from './browser.js';
import { type Answer, guardProcess } from './deferred-head.js';
import { Shop, type ShopSession, sourceModes } from './shop.js';

/** A request as the routes of the cases see it, whatever the framework. */
export interface TokenCall {
  session(): ShopSession;
  csrfToken(): string;
  /** The field `user` of the body, as handlers of the framework read it. */
  user(): unknown;
}

/** By path, for every method. What they return is sent as JSON, what they throw goes to the error handler. */
export type TokenRoutes = Readonly<Record<string, (call: TokenCall) => unknown>>;

export interface TokenSetup {
  readonly source: SessionSource<ShopSession>;
  readonly routes: TokenRoutes;
  /** By path. */
  readonly only: (path: string) => boolean;
  readonly exempt: (path: string) => boolean;
  readonly options: Omit<CsrfOptions<unknown>, 'exempt'>;
  /** Whether `checkCsrf` is installed. */
  readonly isChecked: boolean;
}

/** An application with CSRF tokens, and an error handler that answers with {@link refusalOf}. */
export interface TokenApp {
  readonly name: string;
  /** Whether it checks bodies without `checkCsrf`. */
  readonly isAutomatic?: boolean;
  /** Whether it parses `multipart/form-data`. */
  readonly hasMultipart?: boolean;
  /** The status of a body that cannot be parsed: that of the body parser, or 403 where the check itself parses. */
  readonly unparsable: 400 | 403;
  /** Serves on 127.0.0.1, by `serve` of `deferred-head.ts`. */
  serve(setup: TokenSetup): Promise<number>;
}

/** What the error handler of an application answers. */
export function refusalOf(error: unknown, csrfToken: () => string): { readonly status: number; readonly json: object } {
  if (error instanceof CsrfRefused) return { status: error.status, json: { reason: error.reason, token: csrfToken() } };
  if (error instanceof SessionError) return { status: error.status, json: { reason: error.code } };
  const { status = 500, statusCode = status } = Object(error);
  return { status: statusCode, json: { reason: 'other' } };
}

const ROUTES: TokenRoutes = {
  '/form': (call) => ({ token: call.csrfToken(), uid: call.session().uid ?? null }),
  '/sign-in': async (call) => {
    const user = await call.user();
    call.session().setUser(String(user));
    return {};
  },
  '/rotate': (call) => {
    call.session().rotate();
    return {};
  },
  '/sign-out': (call) => {
    call.session().revoke();
    return {};
  },
  '/hook': (call) => ({ uid: call.session().uid ?? null }),
  '/free': () => ({}),
};

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const BOUNDARY = '----boundary-of-the-parts-of-a-form';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;
const SECRET = 's'.repeat(32);
const FORGED = `${'A'.repeat(43)}.${'A'.repeat(43)}`;

const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

function multipart(fields: Record<string, string>): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}

/** What the adapter of every framework does with CSRF tokens in bodies. */
export function csrfTokenCases(app: TokenApp): void {
  for (const mode of sourceModes) {
    describe(`CSRF tokens in ${app.name}, over a ${mode} source`, () => {
      guardProcess();

      const siteOf = async (world: Partial<Pick<TokenSetup, 'options' | 'isChecked'>> = {}) => {
        const shop = new Shop({ mode });
        const port = await app.serve({
          source: shop.sessionStorage,
          routes: ROUTES,
          only: (path) => path !== '/free',
          exempt: (path) => path === '/hook',
          options: { secret: SECRET },
          isChecked: true,
          ...world,
        });
        return { shop, client: () => new Client(new Browser(port)) };
      };
      const clientOf = async (world: Parameters<typeof siteOf>[0] = {}) => (await siteOf(world)).client();

      it('come in a form, also before there is a session', async () => {
        const client = await clientOf();
        const token = await client.token();
        expect(await client.uid()).to.equal(null);
        expect(await client.post(FORM, form({ user: 'u1', _csrf: token }))).to.equal('passed');
        expect(await client.uid()).to.equal('u1');
        expect(await client.post(FORM, form({ user: 'u2', _csrf: await client.token() }))).to.equal('passed');
        expect(await client.uid()).to.equal('u2');
      });

      it('come in JSON', async () => {
        const client = await clientOf();
        const send = async (user: string) =>
          await client.post(`${JSON_TYPE}; charset=utf-8`, JSON.stringify({ user, _csrf: await client.token() }));
        expect(await send('u1')).to.equal('passed');
        expect(await send('u2')).to.equal('passed');
        expect(await client.uid()).to.equal('u2');
      });

      if (app.hasMultipart) {
        it('come in multipart/form-data', async () => {
          const client = await clientOf();
          expect(await client.post(MULTIPART, multipart({ user: 'u1' }))).to.equal('token_missing');
          const body = multipart({ user: 'u1', _csrf: await client.token() });
          expect(await client.post(MULTIPART, body)).to.equal('passed');
          expect(await client.uid()).to.equal('u1');
        });
      }

      it('come in the header, and then need none in the body', async () => {
        const client = await clientOf();
        const headers = { 'x-csrf-token': await client.token() };
        expect(await client.post(FORM, form({ user: 'u1' }), { headers })).to.equal('passed');
        const fresh = { 'x-csrf-token': await client.browser.cookie('csrf') };
        expect(await client.post(JSON_TYPE, '{"user":"u2","_csrf":"wrong"}', { headers: fresh })).to.equal('passed');
        expect(await client.uid()).to.equal('u2');
        expect(await client.post(FORM, form({ user: 'u3' }), { headers })).to.equal('token_stale');
        const wrong = { 'x-csrf-token': FORGED };
        const right = form({ user: 'u3', _csrf: await client.token() });
        expect(await client.post(FORM, right, { headers: wrong })).to.equal('token_invalid');
        expect(await client.uid()).to.equal('u2');
      });

      it('come in the field that the options name', async () => {
        const client = await clientOf({ options: { secret: SECRET, field: 'proof' } });
        expect(await client.post(FORM, form({ user: 'u1', _csrf: await client.token() }))).to.equal('token_missing');
        expect(await client.post(FORM, form({ user: 'u1', proof: await client.token() }))).to.equal('passed');
      });

      it('are refused if they are missing or wrong, and the session is as it was', async () => {
        const client = await clientOf();
        const token = await client.token();
        for (const [type, body, ...reasons] of [
          [FORM, '', 'token_missing'],
          [FORM, 'user=u1', 'token_missing'],
          [FORM, 'user=u1&_csrf=', 'token_malformed'],
          [FORM, `user=u1&_csrf=${token.slice(1)}`, 'token_malformed'],
          [FORM, `user=u1&_csrf=${FORGED}`, 'token_invalid'],
          [JSON_TYPE, '{"user":"u1"}', 'token_missing'],
          [JSON_TYPE, '{"user":"u1","_csrf":null}', 'token_malformed'],
          [JSON_TYPE, `{"user":"u1","_csrf":["${token}"]}`, 'token_malformed'],
          // Fastify does not parse it.
          [JSON_TYPE, `{"__proto__":{"_csrf":"${token}"}}`, 'token_missing', 'other'],
          [JSON_TYPE, `["${token}"]`, 'token_missing'],
          ['text/plain', `_csrf=${token}`, 'token_missing'],
        ] as const) {
          expect(reasons, `${type} ${body}`).to.include(await client.post(type, body));
        }
        expect(await client.uid()).to.equal(null);
      });

      it('are refused twice in one form', async () => {
        const client = await clientOf();
        const token = await client.token();
        expect(await client.post(FORM, `user=u1&_csrf=${token}&_csrf=${token}`)).to.equal('token_malformed');
      });

      it('come with the refusal, for another try', async () => {
        const client = await clientOf();
        expect(await client.post(FORM, form({ user: 'u1' }))).to.equal('token_missing');
        expect(client.last.headers['cache-control']).to.equal('private, no-store');
        const token = String(jsonOf(client.last, 'token'));
        expect(await client.post(FORM, form({ user: 'u1', _csrf: token }))).to.equal('passed');
        expect(await client.post(FORM, form({ user: 'u2', _csrf: token }))).to.equal('token_stale');
        const another = String(jsonOf(client.last, 'token'));
        expect(await client.post(FORM, form({ user: 'u2', _csrf: another }))).to.equal('passed');
      });

      it('come with the refusal of a token in the header, to a client without a cookie too', async () => {
        const { client } = await siteOf();
        const headers = { 'x-csrf-token': await client().token() };
        const visitor = client();
        expect(await visitor.post(FORM, form({ user: 'u1' }), { headers })).to.equal('token_stale');
        const fresh = { 'x-csrf-token': String(jsonOf(visitor.last, 'token')) };
        expect(await visitor.post(FORM, form({ user: 'u1' }), { headers: fresh })).to.equal('passed');
        expect(await visitor.uid()).to.equal('u1');
      });

      it('of another tab are stale after a sign-in and a sign-out', async () => {
        const client = await clientOf();
        const [one, other] = [await client.token(), await client.token()];
        expect(await client.post(FORM, form({ user: 'u1', _csrf: one }))).to.equal('passed');
        expect(await client.post(FORM, form({ user: 'u1', _csrf: other }))).to.equal('token_stale');
        expect(await client.post(JSON_TYPE, JSON.stringify({ _csrf: other }))).to.equal('token_stale');
        const last = await client.token();
        expect(await client.post(FORM, form({ _csrf: last }), { path: '/sign-out' })).to.equal('passed');
        expect(await client.post(FORM, form({ user: 'u1', _csrf: last }))).to.equal('token_stale');
        expect(await client.uid()).to.equal(null);
      });

      it('outlive a rotation', async () => {
        const client = await clientOf();
        expect(await client.post(FORM, form({ user: 'u1', _csrf: await client.token() }))).to.equal('passed');
        const token = await client.token();
        const sid = await client.browser.cookie('sid');
        expect(await client.post(FORM, form({ _csrf: token }), { path: '/rotate' })).to.equal('passed');
        expect(await client.browser.cookie('sid')).not.to.equal(sid);
        expect(await client.post(FORM, form({ user: 'u2', _csrf: token }))).to.equal('passed');
      });

      it('of another client are stale, with and without a session', async () => {
        const { client } = await siteOf();
        const [mallory, victim] = [client(), client()];
        await victim.token();
        const body = form({ user: 'mallory', _csrf: await mallory.token() });
        expect(await victim.post(FORM, body)).to.equal('token_stale');
        expect(await victim.post(FORM, form({ user: 'u1', _csrf: await victim.token() }))).to.equal('passed');
        expect(await victim.post(FORM, body)).to.equal('token_stale');
        expect(await victim.uid()).to.equal('u1');
      });

      it('are not needed by requests that have no session, nor by exempt ones', async () => {
        const { shop, client } = await siteOf();
        const visitor = client();
        await visitor.browser.plant(`sid=${await shop.issue({}, 'u1')}`);
        for (const path of ['/free', '/hook']) {
          expect(await visitor.post(FORM, form({ user: 'u1' }), { path }), path).to.equal('passed');
        }
        expect(jsonOf(visitor.last, 'uid')).to.equal(null);
      });

      it('are not found in a body that cannot be parsed', async () => {
        const client = await clientOf();
        const token = await client.token();
        for (const [type, body] of [
          [JSON_TYPE, `{"user":"u1","_csrf":"${token}"`],
          ...(app.hasMultipart ? [[MULTIPART, multipart({ user: 'u1', _csrf: token }).slice(0, -9)] as const] : []),
        ] as const) {
          expect(await client.post(type, body), type).not.to.equal('passed');
          expect(client.last.status, type).to.equal(app.unparsable);
        }
        expect(await client.uid()).to.equal(null);
      });

      it('are missing once the session is used, if nothing checked the body', async () => {
        const client = await clientOf({ isChecked: false });
        expect(await client.post(undefined, undefined)).to.equal('token_missing');
        expect(client.last.status).to.equal(403);
        const outcome = await client.post(FORM, form({ user: 'u1', _csrf: await client.token() }));
        expect(outcome).to.equal(app.isAutomatic ? 'passed' : 'token_missing');
        const headers = { 'x-csrf-token': await client.token() };
        expect(await client.post(FORM, form({ user: 'u2' }), { headers })).to.equal('passed');
        expect(await client.uid()).to.equal('u2');
      });
    });
  }
}

/** A field of an answer in JSON. */
function jsonOf({ text }: Answer, name: string): unknown {
  return Reflect.get(Object(JSON.parse(text)), name);
}

/** A browser that posts forms. */
class Client {
  readonly browser: Browser;
  #last: Answer | undefined;

  constructor(browser: Browser) {
    this.browser = browser;
  }

  /** The answer to the last POST. */
  get last(): Answer {
    if (this.#last === undefined) throw new Error('nothing was posted yet');
    return this.#last;
  }

  /** The token of a new page. */
  async token(): Promise<string> {
    return String(jsonOf(await this.browser.ask('/form'), 'token'));
  }

  async uid(): Promise<unknown> {
    return jsonOf(await this.browser.ask('/form'), 'uid');
  }

  /** Why a POST was refused; 'passed' if it was not. */
  async post(
    type: string | undefined,
    body: string | undefined,
    { path = '/sign-in', headers = {} }: { readonly path?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<unknown> {
    const answer = await this.browser.ask(path, {
      method: 'POST',
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    });
    this.#last = answer;
    return answer.status === 200 ? 'passed' : jsonOf(answer, 'reason');
  }
}
