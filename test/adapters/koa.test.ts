import { Readable } from 'node:stream';
import { expect } from 'chai';
import Koa, { type ExtendableContext } from 'koa';
import sinon from 'sinon';
import { activateSessions } from '../../src/adapters/koa.js';
import { SessionError, SessionHeadSent, StoreUnavailable } from '../../src/index.js';
import { adapterCases, cookiesOf, jsonOf, type TestAnswer, type TestApp } from '../support/adapter-cases.js';
import { ask, guardProcess, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, sourceModes } from '../support/shop.js';

function send(ctx: Koa.ParameterizedContext, answer: TestAnswer): void {
  if (answer.status !== undefined) ctx.status = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) ctx.set(name, value);
  if ('json' in answer) ctx.body = answer.json;
  else if ('text' in answer) ctx.body = answer.text;
  else if ('redirect' in answer) ctx.redirect(answer.redirect);
  else ctx.body = answer.stream;
}

/** As error handlers for Koa do it: whatever fails passes `ctx.onerror`. */
function answerErrors(app: Koa, errors: unknown[]): void {
  app.context.onerror = function onerror(this: Koa.Context, error: unknown) {
    if (error === null || error === undefined) return;
    errors.push(error);
    if (this.headerSent || !this.writable) return;
    for (const name of this.res.getHeaderNames()) this.res.removeHeader(name);
    const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
    this.status = status;
    this.type = 'json';
    this.res.end(JSON.stringify({ code }));
  };
}

const testApp: TestApp = {
  name: 'Koa',
  async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
    const errors: unknown[] = [];
    const app = new Koa();
    app.proxy = trustProxy;
    answerErrors(app, errors);
    const sessions = activateSessions({
      sessionStorage: source,
      property,
      ...transports,
      ...(passive && { passive: (ctx: ExtendableContext) => passive(ctx.path) }),
      ...(only && { only: (ctx: ExtendableContext) => only(ctx.path) }),
    });
    app.use(sessions);
    app.use(async (ctx, next) => {
      const route = routes[ctx.path];
      if (route === undefined) return await next();
      const call = {
        query: (key: string) => String(ctx.query[key]),
        session: () => {
          const found: unknown = Reflect.get(ctx, property);
          if (found === undefined) return undefined;
          const session = sessions.of(ctx);
          if (session !== found) throw new Error('the session of the property is another one');
          return session;
        },
        closed: new Promise<void>((resolve) => ctx.res.once('close', resolve)),
      };
      send(ctx, await route(call));
    });
    return { port: await serve(app.callback()), errors };
  },
};

adapterCases(testApp);

for (const mode of sourceModes) {
  describe(`Koa itself, over a ${mode} source`, () => {
    guardProcess();

    function shopOf(options: { property?: string; header?: boolean; held?: boolean } = {}) {
      const { held = false, ...others } = options;
      const shop = new Shop({ mode, held });
      const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, ...others });
      const app = new Koa();
      const errors: unknown[] = [];
      app.on('error', (error) => errors.push(error));
      app.use(sessions);
      const serving = () => serve(app.callback());
      return { shop, storage: shop.storage, sessions, app, errors, serving };
    }

    async function visitedShop(options?: Parameters<typeof shopOf>[0]) {
      const opened = shopOf(options);
      const sid = await opened.shop.issue({ count: 1 }, 'u1');
      return { ...opened, sid, headers: { cookie: `sid=${sid}` } };
    }

    it('sends the cookie of a sign-in that ctx.throw follows, though Koa removes all headers', async () => {
      const { app, sessions, storage, errors, serving } = shopOf();
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        ctx.set('X-Own', 'removed by Koa');
        ctx.throw(403, 'not yours', { headers: { 'X-Reason': 'yes' } });
      });
      const answer = await ask(await serving());
      expect([answer.status, answer.text, answer.headers['x-own'], answer.headers['x-reason']]).to.deep.equal([
        403,
        'not yours',
        undefined,
        'yes',
      ]);
      expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
      expect([answer.headers['cache-control'], answer.headers.vary, errors.length]).to.deep.equal([
        'private, no-store',
        'Cookie',
        1,
      ]);
    });

    it('clears the cookie of a sign-out that ctx.throw or a plain throw follows', async () => {
      const { app, sessions, shop, serving } = shopOf();
      app.use((ctx) => {
        sessions.of(ctx).revoke();
        if (ctx.path === '/plain') throw new RangeError('a bug');
        ctx.throw(401);
      });
      const port = await serving();
      for (const [path, status] of [
        ['/thrown', 401],
        ['/plain', 500],
      ] as const) {
        const headers = { cookie: `sid=${await shop.issue({}, 'u1')}` };
        const answer = await ask(port, { path, headers });
        expect([answer.status, cookiesOf(answer)]).to.deep.equal([status, ['']]);
        expect((await ask(port, { path, headers })).status).to.equal(status);
      }
    });

    it("gives a failed commit to the application's error event, and answers with its status", async () => {
      const { app, sessions, errors, serving, headers, shop } = await visitedShop({ held: true });
      const down = new StoreUnavailable('the store is down');
      shop.source.fail = { commit: down };
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        ctx.set('ETag', '"made"');
        ctx.body = { made: true };
      });
      const answer = await ask(await serving(), { headers });
      expect([answer.status, answer.text]).to.deep.equal([503, 'Service Unavailable']);
      expect([answer.headers.etag, answer.headers['set-cookie']]).to.deep.equal([undefined, undefined]);
      expect(errors).to.deep.equal([down]);
    });

    it('answers once where the handler failed and its session cannot be saved either', async () => {
      const { app, sessions, errors, serving } = shopOf();
      app.use((ctx) => {
        sessions.of(ctx).sessionData.count = Number.NaN;
        ctx.throw(403);
      });
      const answer = await ask(await serving());
      expect([answer.status, errors.length]).to.deep.equal([500, 2]);
    });

    it('throws what it cannot open to the middleware outside', async () => {
      const shop = new Shop({ mode, held: true });
      const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true });
      const inner = sinon.spy();
      const app = new Koa();
      app.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          ctx.status = error instanceof StoreUnavailable ? 503 : 500;
          ctx.body = { uid: sessions.of(ctx).uid ?? null };
        }
      });
      app.use(sessions);
      app.use(inner);
      shop.source.fail = { get: new StoreUnavailable('the store is down') };
      const answer = await ask(await serve(app.callback()), { headers: { cookie: 'sid=junk' } });
      expect([answer.status, answer.text, inner.callCount]).to.deep.equal([503, '{"uid":null}', 0]);
    });

    it('sends the cookie with ctx.respond = false, whatever answers instead of Koa', async () => {
      const { app, sessions, storage, serving } = shopOf();
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        ctx.respond = false;
        ctx.res.writeHead(201, { 'Content-Type': 'text/plain' });
        ctx.res.write('a');
        ctx.res.end('b');
      });
      const answer = await ask(await serving());
      expect([answer.status, answer.text]).to.deep.equal([201, 'ab']);
      expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
    });

    it('sends the cookie with a stream, and destroys the stream when the commit fails', async () => {
      const { app, sessions, storage, serving } = shopOf();
      const streams: Readable[] = [];
      app.use((ctx) => {
        const session = sessions.of(ctx).setUser('u2');
        if (ctx.path === '/fail') session.sessionData.count = Number.NaN;
        const stream = Readable.from(['a', 'bc'], { objectMode: false });
        streams.push(stream);
        ctx.body = stream;
      });
      const port = await serving();
      const answer = await ask(port);
      expect(answer.text).to.equal('abc');
      expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
      const failed = await ask(port, { path: '/fail' });
      expect([failed.status, failed.text]).to.deep.equal([500, 'Internal Server Error']);
      expect(streams.map(({ destroyed }) => destroyed)).to.deep.equal([true, true]);
    });

    it('sends the cookie with a redirect, with 204 and with 304', async () => {
      const { app, sessions, storage, serving } = shopOf();
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        if (ctx.path === '/redirect') return ctx.redirect('/next');
        ctx.status = Number(ctx.path.slice(1));
      });
      const port = await serving();
      for (const [path, status] of [
        ['/redirect', 302],
        ['/204', 204],
        ['/304', 304],
      ] as const) {
        const answer = await ask(port, { path });
        expect(answer.status).to.equal(status);
        expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
      }
      expect((await ask(port, { path: '/redirect' })).headers.location).to.equal('/next');
    });

    it('commits for a request that nobody answers', async () => {
      const { app, sessions, serving } = shopOf();
      app.use((ctx, next) => {
        sessions.of(ctx).setUser('u2');
        return next();
      });
      const answer = await ask(await serving());
      expect([answer.status, cookiesOf(answer).length]).to.deep.equal([404, 1]);
    });

    it('opens and settles a session once, however often it is used', async () => {
      const { app, sessions, storage, serving, headers, sid } = await visitedShop();
      const get = sinon.spy(storage, 'get');
      const commit = sinon.spy(storage, 'commit');
      app.use(sessions);
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        ctx.body = 'x';
      });
      const answer = await ask(await serving(), { headers });
      expect(cookiesOf(answer)).to.have.length(1);
      expect([get.withArgs(sid).callCount, commit.callCount]).to.deep.equal([1, 1]);
    });

    it('serves two activations with different properties', async () => {
      const { app, shop, sessions, serving, storage } = shopOf();
      const others = activateSessions({ sessionStorage: shop.sessionStorage, cookie: 'other', property: 'other' });
      app.use(others);
      app.use((ctx) => {
        sessions.of(ctx).setUser('u2');
        others.of(ctx).setUser('u3');
        ctx.body = { same: ctx['other'] === ctx.session };
      });
      const answer = await ask(await serving());
      expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
      expect((await storage.get(cookiesOf(answer, 'other')[0])).uid).to.equal('u3');
      expect(jsonOf(answer, 'same')).to.equal(false);
    });

    it('refuses a property that the context has, such as that of another session package', async () => {
      const { app, errors, serving } = shopOf({ property: 'state' });
      app.use((ctx) => {
        ctx.body = 'x';
      });
      expect((await ask(await serving())).status).to.equal(500);
      expect(String(errors[0])).to.include('already has a property "state"');
    });

    it('says where the session is missing', async () => {
      const { sessions } = shopOf();
      const app = new Koa();
      app.use((ctx) => {
        ctx.body = String(errorOf(() => sessions.of(ctx)));
      });
      expect((await ask(await serve(app.callback()))).text).to.include('install it before the route');
    });

    it('sends nothing where the head was sent before it', async () => {
      const { shop, sessions } = shopOf();
      const app = new Koa();
      const errors: unknown[] = [];
      app.use((ctx, next) => {
        ctx.status = 200;
        ctx.flushHeaders();
        return next();
      });
      app.use(sessions);
      app.use(async (ctx) => {
        errors.push(await errorOf(() => sessions.of(ctx).setUser('u2')));
        ctx.body = 'x';
      });
      const answer = await ask(await serve(app.callback()));
      expect([answer.text, answer.headers['set-cookie'], shop.toldNames]).to.deep.equal(['x', undefined, []]);
      expect(errors[0]).to.be.instanceOf(SessionHeadSent);
    });

    it('reads without touching or sending', async () => {
      const { sessions, shop, headers } = await visitedShop();
      const app = new Koa();
      app.use(async (ctx) => {
        ctx.body = { uid: (await sessions.read(ctx.req))?.uid ?? null };
      });
      const port = await serve(app.callback());
      shop.pass(3_600_000);
      const answer = await ask(port, { headers });
      expect([answer.text, answer.headers['set-cookie'], answer.headers.vary]).to.deep.equal([
        '{"uid":"u1"}',
        undefined,
        undefined,
      ]);
    });
  });
}
