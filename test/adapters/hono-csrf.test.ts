import { expect } from 'chai';
import { type Context, Hono } from 'hono';
import { activateSessions } from '../../src/adapters/hono.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';
import { Shop } from '../support/shop.js';
import { honoServer, restoreGlobals } from '../support/web-app.js';

/** What a handler reads after `checkCsrf` did. */
async function userIn(c: Context): Promise<unknown> {
  const isJson = c.req.header('content-type')?.startsWith('application/json');
  const body: unknown = isJson ? await c.req.json() : await c.req.parseBody();
  return Reflect.get(Object(body), 'user');
}

describe('Hono', () => {
  afterEach(restoreGlobals);

  csrfTokenCases({
    name: 'Hono',
    hasMultipart: true,
    unparsable: 403,
    async serve({ source, routes, only, exempt, options, isChecked }) {
      const app = new Hono();
      const sessions = activateSessions({
        sessionStorage: source,
        cookie: true,
        only: (c) => only(c.req.path),
        csrf: { ...options, token: true, exempt: (c) => exempt(c.req.path) },
      });
      app.use(sessions);
      if (isChecked) app.use(sessions.checkCsrf);
      app.all('*', async (c) => {
        const call = {
          session: () => sessions.of(c),
          csrfToken: () => sessions.csrfToken(c),
          user: () => userIn(c),
        };
        return Response.json(await routes[c.req.path]?.(call));
      });
      app.onError((error, c) => {
        const { status, json } = refusalOf(error, () => sessions.csrfToken(c));
        return Response.json(json, { status });
      });
      return await serve(honoServer.listener((request, env) => app.fetch(request, env)));
    },
  });

  describe('CSRF tokens in Hono', () => {
    const FORM = 'application/x-www-form-urlencoded';

    /** An application whose handler reads `/read`; and a client with a token and its cookie. */
    const siteOf = async (read: (c: Context) => unknown = () => ({})) => {
      const app = new Hono();
      const { sessionStorage } = new Shop();
      const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
      app.use(sessions);
      app.get('/form', (c) => c.text(sessions.csrfToken(c)));
      app.post('/unchecked', (c) => c.json({ uid: sessions.of(c).uid ?? null }));
      app.post('/unchecked/get', (c) => c.json({ uid: c.get('session').uid }));
      app.post('/unchecked/var', (c) => c.json({ uid: c.var.session.uid }));
      app.use(sessions.checkCsrf);
      app.on(['GET', 'POST'], '/read', async (c) => c.json({ read: await read(c) }));
      const form = await app.request('/form');
      const token = await form.text();
      const cookie = form.headers.getSetCookie().join('; ');
      const post = async (
        path: string,
        type: string,
        body?: string | ReadableStream,
        headers: Record<string, string> = {},
      ) => {
        const init: RequestInit = { method: 'POST', headers: { cookie, 'content-type': type, ...headers } };
        const sent: RequestInit = body === undefined ? init : { ...init, body, duplex: 'half' };
        return await app.request(new Request(new URL(path, 'http://127.0.0.1'), sent));
      };
      return { app, token, post };
    };

    /** That the default error handler answers. */
    const expectRefusal = async (response: Response) => {
      expect([response.status, await response.json()]).to.deep.equal([403, { code: 'EBADCSRFTOKEN' }]);
    };

    it('are refused with status 403 by the default error handler', async () => {
      const { post } = await siteOf();
      await expectRefusal(await post('/read', FORM, 'user=u1'));
      for (const path of ['/unchecked', '/unchecked/get', '/unchecked/var'])
        await expectRefusal(await post(path, FORM));
    });

    const reads: readonly [how: string, read: (c: Context) => Promise<unknown>, result: (token: string) => unknown][] =
      [
        ['parseBody', (c) => c.req.parseBody(), (token) => ({ a: '2', _csrf: token })],
        [
          'parseBody({ all: true })',
          (c) => c.req.parseBody({ all: true }),
          (token) => ({ a: ['1', '2'], _csrf: token }),
        ],
        ['formData', async (c) => (await c.req.formData()).getAll('a'), () => ['1', '2']],
        ['text', (c) => c.req.text(), (token) => `a=1&a=2&_csrf=${token}`],
        ['arrayBuffer', async (c) => (await c.req.arrayBuffer()).byteLength, (token) => 14 + token.length],
      ];
    for (const [how, read, result] of reads) {
      it(`leave the body of a form to ${how}`, async () => {
        const { token, post } = await siteOf(read);
        const response = await post('/read', FORM, `a=1&a=2&_csrf=${token}`);
        expect(await response.json()).to.deep.equal({ read: result(token) });
      });
    }

    it('are found in a form that a middleware has read before', async () => {
      const { sessionStorage } = new Shop();
      const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
      for (const read of [
        (c: Context) => c.req.parseBody(),
        (c: Context) => c.req.formData(),
        (c: Context) => c.req.text(),
      ]) {
        const app = new Hono();
        app.use(async (c, next) => {
          if (c.req.method === 'POST') await read(c);
          await next();
        });
        app.use(sessions, sessions.checkCsrf);
        app.all('/', (c) => c.text(sessions.csrfToken(c)));
        const form = await app.request('/');
        const cookie = form.headers.getSetCookie().join('; ');
        const body = new URLSearchParams({ _csrf: await form.text() });
        expect((await app.request('/', { method: 'POST', headers: { cookie }, body })).status).to.equal(200);
      }
    });

    it('cause no reading of a body that is not needed', async () => {
      const { app, token, post } = await siteOf((c) => c.req.raw.bodyUsed);
      expect(await (await app.request('/read')).json()).to.deep.equal({ read: false });
      const byHeader = await post('/read', FORM, 'a=1', { 'x-csrf-token': token });
      expect(await byHeader.json()).to.deep.equal({ read: false });
      const body = new ReadableStream({ pull: () => expect.fail('the body was read') }, { highWaterMark: 0 });
      await expectRefusal(await post('/read', 'text/plain', body));
    });

    it('do not hide that a body could not be received', async () => {
      const { app, post } = await siteOf();
      app.onError((error, c) => c.text(error.message, 413));
      for (const type of [FORM, 'application/json']) {
        const body = new ReadableStream({ pull: (controller) => controller.error(new RangeError('too large')) });
        const response = await post('/read', type, body);
        expect([response.status, await response.text()]).to.deep.equal([413, 'too large']);
      }
    });
  });
});
