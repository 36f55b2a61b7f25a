import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { expect } from 'chai';
import { type Context, Hono, type Next } from 'hono';
import { streamSSE } from 'hono/streaming';
import sinon from 'sinon';
import { activateSessions } from '../../src/adapters/hono.js';
import { StoreUnavailable } from '../../src/index.js';
import { adapterCases, cookiesOf } from '../support/adapter-cases.js';
import { type Answer, ask, guardProcess, nextTurn, promised, serve } from '../support/deferred-head.js';
import { honoApp } from '../support/hono-app.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, sourceModes } from '../support/shop.js';
import { closing, honoServer, restoreGlobals } from '../support/web-app.js';

describe('activateSessions of Hono', () => {
  afterEach(restoreGlobals);
  adapterCases(honoApp);

  for (const mode of sourceModes) {
    describe(`by itself, over a ${mode} source`, () => {
      guardProcess();

      function shopOf({ held = false, ...options }: { property?: string; held?: boolean; create?: 'never' } = {}) {
        const shop = new Shop({ mode, held });
        const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, ...options });
        const app = new Hono();
        const serving = () => serve(honoServer.listener((request, env) => app.fetch(request, env)));
        return { shop, storage: shop.storage, sessions, app, serving };
      }

      async function visitedShop(options?: Parameters<typeof shopOf>[0]) {
        const opened = shopOf(options);
        const sid = await opened.shop.issue({ count: 1 }, 'u1');
        return { ...opened, sid, headers: { cookie: `sid=${sid}` } };
      }

      /** Signs in and answers with what `make` makes, over a socket and in-process. */
      async function answersTo(make: (c: Context) => Response | Promise<Response>): Promise<[Answer, Response]> {
        const { app, sessions, storage, serving } = shopOf();
        app.use(sessions);
        app.all('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return make(c);
        });
        const answer = await ask(await serving());
        const response = await app.request('/');
        const sids = [cookiesOf(answer), response.headers.getSetCookie().map((line) => /^sid=([^;]+)/.exec(line)?.[1])];
        for (const [sid, ...others] of sids) {
          expect(others).to.deep.equal([]);
          expect((await storage.get(sid)).uid).to.equal('u2');
        }
        return [answer, response];
      }

      it('copies a response whose headers cannot be changed, with its body, status and status text', async () => {
        const origin = await serve((_request, response) => {
          response.writeHead(418, 'Short and stout', { 'X-Origin': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
          response.end('tea');
        });
        const { app, sessions, serving } = shopOf();
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return fetch(`http://127.0.0.1:${origin}/`);
        });
        const response = await app.request('/');
        expect([response.status, response.statusText, await response.text()]).to.deep.equal([
          418,
          'Short and stout',
          'tea',
        ]);
        expect(response.headers.getSetCookie().map((line) => line.split('=')[0])).to.deep.equal(['a', 'b', 'sid']);
        const answer = await ask(await serving());
        expect([answer.status, answer.text, answer.headers['x-origin']]).to.deep.equal([418, 'tea', 'yes']);
        expect(cookiesOf(answer)).to.have.length(1);
      });

      it('copies Response.redirect()', async () => {
        const [answer, response] = await answersTo(() => Response.redirect('http://127.0.0.1/next', 303));
        expect([answer.status, answer.headers.location]).to.deep.equal([303, 'http://127.0.0.1/next']);
        expect(response.status).to.equal(303);
      });

      it('adds Vary to a response whose headers cannot be changed where the session was only read', async () => {
        const { app, sessions, headers } = await visitedShop();
        app.use(sessions);
        app.get('/', (c) => {
          c.get('session');
          return Response.redirect('http://127.0.0.1/next', 302);
        });
        const response = await app.request('/', { headers });
        expect([response.status, response.headers.get('vary')]).to.deep.equal([302, 'Cookie']);
      });

      it('gives no credential away through a response that requests share', async () => {
        const shared = new Response(null, { status: 204 });
        const { app, sessions, headers } = await visitedShop();
        app.use(sessions);
        app.get('/', () => shared);
        app.get('/sign-in', (c) => {
          sessions.of(c)?.setUser('u2');
          return shared;
        });
        expect((await app.request('/sign-in', { headers })).headers.getSetCookie()).to.have.length(1);
        expect((await app.request('/')).headers.getSetCookie()).to.deep.equal([]);
      });

      it('sends the cookie with streamSSE, and saves what the stream changes later', async () => {
        const { promise, resolve } = promised();
        const [answer] = await answersTo((c) =>
          streamSSE(c, async (stream) => {
            await stream.writeSSE({ data: 'one' });
            await stream.writeSSE({ data: 'two' });
          }),
        );
        expect([answer.headers['content-type'], answer.text]).to.deep.equal([
          'text/event-stream',
          'data: one\n\ndata: two\n\n',
        ]);
        if (mode !== 'server-side') return;
        const { app, sessions, storage, serving, sid, headers } = await visitedShop();
        app.use(sessions);
        app.get('/', (c) => {
          const { outgoing } = Object(c.env);
          outgoing.once('close', () => setImmediate(() => setImmediate(resolve)));
          const session = sessions.of(c);
          return streamSSE(c, async (stream) => {
            await stream.writeSSE({ data: 'one' });
            await stream.sleep(0);
            if (session !== undefined) session.sessionData.count = 7;
          });
        });
        expect((await ask(await serving(), { headers })).text).to.equal('data: one\n\n');
        await promise;
        expect((await storage.get(sid)).sessionData.count).to.equal(7);
      });

      it('leaves 101 and network errors as they are', async () => {
        for (const make of [
          () => Object.defineProperty(new Response(null), 'status', { value: 101 }),
          () => Response.error(),
        ]) {
          const { app, sessions, headers } = await visitedShop();
          const made = make();
          app.use(sessions);
          app.get('/', (c) => {
            sessions.of(c);
            return made;
          });
          const response = await app.request('/', { headers });
          expect(response === made).to.equal(true);
          expect(response.headers.get('vary')).to.equal(null);
        }
      });

      it('reports what cannot be sent where the handler answers through the response of Node', async () => {
        const { app, sessions, shop, serving, headers } = await visitedShop();
        const over = promised();
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          const { outgoing } = Object(c.env);
          void closing(outgoing).then(over.resolve);
          setImmediate(() => outgoing.end('raw'));
          return RESPONSE_ALREADY_SENT;
        });
        const answer = await ask(await serving(), { headers });
        expect([answer.text, answer.headers['set-cookie']]).to.deep.equal(['raw', undefined]);
        await over.promise;
        await nextTurn();
        await nextTurn();
        expect(shop.toldNames).to.deep.equal(['lost-write']);
      });

      it('lets c.header() and other middleware change the response afterwards', async () => {
        const { app, sessions, storage } = shopOf();
        app.use(async (c, next) => {
          c.header('X-Before', 'yes');
          await next();
          c.header('X-After', 'yes');
          c.header('Set-Cookie', 'theme=dark', { append: true });
        });
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return c.text('x', 201);
        });
        const { status, headers } = await app.request('/');
        expect([status, headers.get('x-before'), headers.get('x-after')]).to.deep.equal([201, 'yes', 'yes']);
        const [first, second] = headers.getSetCookie();
        expect((await storage.get(/^sid=([^;]+)/.exec(first ?? '')?.[1])).uid).to.equal('u2');
        expect(second).to.equal('theme=dark');
      });

      it('commits for notFound and onError', async () => {
        const { app, sessions } = shopOf();
        app.use(sessions);
        app.use(async (c, next) => {
          sessions.of(c)?.setUser('u2');
          await next();
        });
        app.get('/bug', () => {
          throw new RangeError('a bug');
        });
        app.notFound((c) => c.text('nothing here', 404));
        app.onError((_error, c) => c.text('sorry', 500));
        for (const [path, status, text] of [
          ['/nowhere', 404, 'nothing here'],
          ['/bug', 500, 'sorry'],
        ] as const) {
          const response = await app.request(path);
          expect([response.status, await response.text()]).to.deep.equal([status, text]);
          expect(response.headers.getSetCookie()).to.have.length(1);
        }
      });

      it('leaves it to Hono to say that a handler returned nothing', async () => {
        const { app, sessions } = shopOf();
        const errors: Error[] = [];
        app.use(sessions);
        Reflect.apply(app.get, app, ['/', (c: Context) => void sessions.of(c)?.setUser('u2')]);
        app.onError((error, c) => {
          errors.push(error);
          return c.text('sorry', 500);
        });
        const response = await app.request('/');
        expect([response.status, await response.text()]).to.deep.equal([500, 'sorry']);
        expect(String(errors[0])).to.include('not finalized');
      });

      it('works where nothing but itself matches', async () => {
        const { app, sessions } = shopOf();
        app.use(sessions);
        expect((await app.request('/')).status).to.equal(404);
      });

      it('answers a failed commit through onError, without what described the discarded body', async () => {
        const { app, sessions, shop, headers } = await visitedShop({ held: true });
        const down = new StoreUnavailable('the store is down');
        const seen: unknown[] = [];
        app.use(async (c, next) => {
          c.res.headers.set('Access-Control-Allow-Origin', '*');
          await next();
        });
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          c.header('ETag', '"made"');
          c.header('Cache-Control', 'public, max-age=600');
          return c.html('<p>made');
        });
        app.onError((error, c) => {
          seen.push(error);
          c.header('X-Error', 'yes');
          return c.json({ error: true }, 503);
        });
        shop.source.fail = { commit: down };
        const response = await app.request('/', { headers });
        expect([response.status, await response.text(), seen]).to.deep.equal([503, '{"error":true}', [down]]);
        const sent = ['etag', 'cache-control', 'set-cookie', 'content-type', 'access-control-allow-origin', 'x-error'];
        expect(sent.map((name) => response.headers.get(name))).to.deep.equal([
          null,
          null,
          null,
          'application/json',
          '*',
          'yes',
        ]);
      });

      it("answers by Hono's own error handler with the error's status and code", async () => {
        const { app, sessions, shop, headers } = await visitedShop({ held: true });
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return c.text('x');
        });
        for (const fail of ['get', 'commit'] as const) {
          shop.source.fail = { [fail]: new StoreUnavailable('the store is down') };
          const response = await app.request('/', { headers });
          expect([response.status, await response.json()]).to.deep.equal([
            503,
            { code: 'ERR_SESSION_STORE_UNAVAILABLE' },
          ]);
          expect(response.headers.getSetCookie()).to.deep.equal([]);
        }
      });

      it('lets what is no Error pass, and saves nothing that needs a credential', async () => {
        const { app, sessions, shop, headers } = await visitedShop();
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return Promise.reject('not an error');
        });
        const thrown = await Promise.resolve(app.request('/', { headers })).catch((error: unknown) => error);
        expect(thrown).to.equal('not an error');
        await nextTurn();
        await nextTurn();
        expect(shop.toldNames).to.deep.equal(['lost-write']);
      });

      it('gives a sub-app the session of the app, and opens it once', async () => {
        const { app, sessions, storage, headers, sid } = await visitedShop();
        const get = sinon.spy(storage, 'get');
        const below = new Hono();
        below.use(sessions);
        below.get('/', (c) => c.json({ uid: c.var.session.uid }));
        app.use(sessions);
        app.route('/below', below);
        const response = await app.request('/below', { headers });
        expect(await response.json()).to.deep.equal({ uid: 'u1' });
        expect(get.withArgs(sid).callCount).to.equal(1);
      });

      it('is there below a sub-app only, whose onError gets what fails there', async () => {
        const { app, sessions, headers } = await visitedShop();
        const below = new Hono();
        below.use(sessions);
        below.get('/', (c) => {
          c.get('session').sessionData['count'] = Number.NaN;
          return c.text('x');
        });
        below.onError((_error, c) => c.text('below', 418));
        app.route('/below', below);
        app.get('/', (c) => c.json({ found: 'session' in c.var, error: errorOf(() => sessions.of(c)).name }));
        expect(await (await app.request('/below', { headers })).text()).to.equal('below');
        expect(await (await app.request('/', { headers })).json()).to.deep.equal({ found: false, error: 'TypeError' });
      });

      it('serves two activations with different variables, beside those of the application', async () => {
        const { app, shop, sessions, storage } = shopOf();
        const others = activateSessions({ sessionStorage: shop.sessionStorage, cookie: 'other', property: 'other' });
        app.use(sessions, others, async (c: Context, next: Next) => {
          c.set('own', 5);
          await next();
        });
        app.get('/', (c: Context) => {
          c.get('session').setUser('u2');
          c.get('other').setUser('u3');
          const { own, session, other } = c.var;
          return c.json([own, session === c.get('session'), other === others.of(c), session === other, c.get('own')]);
        });
        const response = await app.request('/');
        expect(await response.json()).to.deep.equal([5, true, true, false, 5]);
        const uids: unknown[] = [];
        for (const line of response.headers.getSetCookie())
          uids.push((await storage.get(/=([^;]+)/.exec(line)?.[1])).uid);
        expect(uids).to.deep.equal(['u3', 'u2']);
      });

      it('makes the response vary by reading the session, not by reading other variables', async () => {
        const { app, sessions, headers } = await visitedShop();
        app.use(sessions);
        app.get('/var', (c) => c.json(c.var.session.uid));
        app.get('/get', (c) => c.json(c.get('session').uid));
        app.get('/others', (c: Context) => c.json([c.var['own'], c.get('own')]));
        for (const [path, vary] of [
          ['/var', 'Cookie'],
          ['/get', 'Cookie'],
          ['/others', null],
        ] as const) {
          expect((await app.request(path, { headers })).headers.get('vary'), path).to.equal(vary);
        }
      });

      it('refuses a variable that is taken', async () => {
        const { sessions } = shopOf();
        const errors: unknown[] = [];
        const app = new Hono<{ Variables: { session: unknown } }>();
        app.use(async (c, next) => {
          c.set('session', {});
          await next();
        });
        app.use(sessions);
        app.onError((error, c) => {
          errors.push(error);
          return c.text('', 500);
        });
        await app.request('/');
        expect(String(errors[0])).to.include('already has a property "session"');
      });

      it("is set by an application that makes its own, with create 'never'", async () => {
        const { sessions, storage } = shopOf({ create: 'never' });
        const app = new Hono<{ Variables: { session: unknown } }>();
        app.use(sessions);
        app.get('/', async (c) => {
          const before = c.get('session');
          const made = await storage.create();
          c.set('session', made.setUser('u2'));
          return c.json({ before: before === undefined, uid: c.var.session.uid });
        });
        const response = await app.request('/');
        expect(await response.json()).to.deep.equal({ before: true, uid: 'u2' });
        expect(response.headers.getSetCookie()).to.have.length(1);
      });

      it('reads without touching or sending', async () => {
        const { app, sessions, shop, headers } = await visitedShop();
        app.get('/', async (c) => c.json((await sessions.read(c))?.uid ?? null));
        shop.pass(3_600_000);
        const response = await app.request('/', { headers });
        expect([await response.json(), response.headers.get('vary')]).to.deep.equal(['u1', null]);
        expect(response.headers.getSetCookie()).to.deep.equal([]);
      });

      it('answers a HEAD request by the route for GET', async () => {
        const { app, sessions, serving } = shopOf();
        app.use(sessions);
        app.get('/', (c) => {
          sessions.of(c)?.setUser('u2');
          return c.text('hello');
        });
        const answer = await ask(await serving(), { method: 'HEAD' });
        expect([answer.status, answer.text, cookiesOf(answer).length]).to.deep.equal([200, '', 1]);
      });
    });
  }
});
