import { Readable } from 'node:stream';
import { expect } from 'chai';
import Koa, { type Context, HttpError } from 'koa';
import { activateSessions } from '../../src/adapters/koa.js';
import { StoreUnavailable } from '../../src/index.js';
import { adapterCases, cookiesOf } from '../support/adapter-cases.js';
import { type Answer, ask, guardProcess, serve } from '../support/deferred-head.js';
import { koaApp } from '../support/koa-app.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, type ShopSession, type SourceMode, sourceModes } from '../support/shop.js';

adapterCases(koaApp);

/** An application whose routes are functions of the context. */
async function serving(mode: SourceMode, routes: Readonly<Record<string, (context: Context) => unknown>>) {
  const shop = new Shop({ mode, held: true });
  const errors: unknown[] = [];
  const app = new Koa();
  app.on('error', (error) => void errors.push(error));
  app.use(activateSessions({ sessionStorage: shop.sessionStorage, cookie: true }));
  app.use(async (context) => void (await routes[context.path]?.(context)));
  const port = await serve(app.callback());
  const expectSignedIn = async (answer: Answer, uid: string) => {
    const [sid, ...others] = cookiesOf(answer);
    expect(others).to.deep.equal([]);
    expect((await shop.storage.get(sid)).uid).to.equal(uid);
  };
  return { shop, errors, expectSignedIn, ask: (path: string, headers = {}) => ask(port, { path, headers }) };
}

const sessionOf = (context: Context): ShopSession => Reflect.get(context, 'session');

for (const mode of sourceModes) {
  describe(`activateSessions of Koa, over a ${mode} source`, () => {
    guardProcess();

    it('sends the session beside an error thrown by ctx.throw or otherwise, which removes all other headers', async () => {
      const site = await serving(mode, {
        '/throw': (context) => {
          sessionOf(context).setUser('u1');
          context.set('x-mine', '1');
          context.throw(403, 'no');
        },
        '/break': (context) => {
          sessionOf(context).setUser('u2');
          throw new Error('broken');
        },
      });
      const thrown = await site.ask('/throw');
      expect([thrown.status, thrown.text, thrown.headers['x-mine']]).to.deep.equal([403, 'no', undefined]);
      await site.expectSignedIn(thrown, 'u1');
      const broken = await site.ask('/break');
      expect([broken.status, broken.text]).to.deep.equal([500, 'Internal Server Error']);
      await site.expectSignedIn(broken, 'u2');
      expect(site.errors.map((error) => error instanceof HttpError)).to.deep.equal([true, false]);
    });

    it('clears the cookie beside an error after a sign-out', async () => {
      const site = await serving(mode, {
        '/out': (context) => {
          sessionOf(context).revoke();
          context.throw(418);
        },
      });
      const cookie = `sid=${await site.shop.issue({}, 'u1')}`;
      const answer = await site.ask('/out', { cookie });
      expect([answer.status, cookiesOf(answer)]).to.deep.equal([418, ['']]);
    });

    it('sends the session with whatever a body may be', async () => {
      const bodies: Readonly<Record<string, () => unknown>> = {
        '/text': () => 'body',
        '/buffer': () => Buffer.from('body'),
        '/stream': () => Readable.from(['bo', 'dy']),
        '/web': () => new Blob(['body']),
        '/response': () => new Response('body'),
      };
      const site = await serving(
        mode,
        Object.fromEntries(
          Object.entries(bodies).map(([path, make]) => [
            path,
            (context: Context) => {
              sessionOf(context).setUser('u3');
              context.body = make();
            },
          ]),
        ),
      );
      for (const path of Object.keys(bodies)) {
        const answer = await site.ask(path);
        expect([answer.status, answer.text], path).to.deep.equal([200, 'body']);
        await site.expectSignedIn(answer, 'u3');
      }
    });

    it('sends the session before what the application writes to ctx.res itself', async () => {
      const site = await serving(mode, {
        '/raw': (context) => {
          sessionOf(context).setUser('u4');
          context.respond = false;
          context.res.writeHead(202, { 'x-mine': '1' });
          context.res.write('raw ');
          context.res.end('body');
        },
      });
      const answer = await site.ask('/raw');
      expect([answer.status, answer.headers['x-mine'], answer.text]).to.deep.equal([202, '1', 'raw body']);
      await site.expectSignedIn(answer, 'u4');
    });

    it('keeps cookies that are set by ctx.cookies', async () => {
      const site = await serving(mode, {
        '/': (context) => {
          context.cookies.set('mine', '1');
          sessionOf(context).setUser('u5');
          context.body = 'ok';
        },
      });
      const answer = await site.ask('/');
      expect(cookiesOf(answer, 'mine')).to.deep.equal(['1']);
      await site.expectSignedIn(answer, 'u5');
    });

    it('answers 503 when a session cannot be saved, and emits error', async () => {
      const site = await serving(mode, {
        '/': (context) => {
          sessionOf(context).setUser('u6');
          context.set('etag', '"1"');
          context.body = { secret: 'of the answer that is not sent' };
        },
      });
      site.shop.source.fail = { commit: new StoreUnavailable('down') };
      const answer = await site.ask('/');
      expect([answer.status, answer.text, answer.headers.etag]).to.deep.equal([503, 'Service Unavailable', undefined]);
      expect(cookiesOf(answer)).to.deep.equal([]);
      expect(site.errors).to.have.length(1);
      expect(site.errors[0]).to.be.instanceOf(StoreUnavailable);
    });
  });
}

describe('activateSessions of Koa', () => {
  guardProcess();

  it('refuses the session of another package, and a second one of the same property', async () => {
    const shop = new Shop();
    const middleware = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true });
    const app = new Koa();
    Object.defineProperty(app.context, 'session', { configurable: true, get: () => ({}) });
    const context = app.createContext(...(await requestOf()));
    const error = await errorOf(() => middleware(context, async () => undefined), TypeError);
    expect(error.message).to.include('already has a property "session"');
  });

  it('opens the session of a request once, however often it passes', async () => {
    const shop = new Shop();
    const middleware = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true });
    const app = new Koa();
    app.use(middleware).use(middleware);
    app.use((context) => {
      sessionOf(context).setUser('u1');
      context.body = 'ok';
    });
    expect(cookiesOf(await ask(await serve(app.callback())))).to.have.length(1);
  });
});

/** A request and response of Node, as Koa gets them. */
async function requestOf(): Promise<Parameters<Koa['createContext']>> {
  return await new Promise((resolve) => {
    void serve((request, response) => {
      response.end();
      resolve([request, response]);
    }).then((port) => ask(port));
  });
}
