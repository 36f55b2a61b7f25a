import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import Koa, { type Context, type Next } from 'koa';
import { activateSessions } from '../../src/adapters/koa.js';
import { CsrfRefused } from '../../src/index.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { ask, guardProcess, serve } from '../support/deferred-head.js';
import { Shop } from '../support/shop.js';

/** Sets `ctx.request.body`, as body parsers of Koa do. */
async function parseBody(context: Context, next: Next): Promise<void> {
  const type = context.is('urlencoded', 'json');
  if (typeof type === 'string') {
    const body = await text(context.req);
    Object.assign(context.request, { body: type === 'json' ? jsonOf(context, body) : formOf(body) });
  }
  await next();
}

function jsonOf(context: Context, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return context.throw(400, 'the body is not JSON');
  }
}

/** As `node:querystring` does: several values of a name are an array. */
function formOf(body: string): object {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...form.keys()].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

csrfTokenCases({
  name: 'Koa 3',
  unparsable: 400,
  async serve({ source, routes, only, exempt, options, isChecked }) {
    const app = new Koa();
    const sessions = activateSessions({
      sessionStorage: source,
      cookie: true,
      only: ({ path }) => only(path),
      csrf: { ...options, token: true, exempt: ({ path }) => exempt(path) },
    });
    app.use(async (context, next) => {
      try {
        await next();
      } catch (error) {
        const { status, json } = refusalOf(error, () => sessions.csrfToken(context));
        context.status = status;
        context.body = json;
      }
    });
    app.use(sessions).use(parseBody);
    if (isChecked) app.use(sessions.checkCsrf);
    app.use(async (context) => {
      context.body = await routes[context.path]?.({
        session: () => sessions.of(context),
        csrfToken: () => sessions.csrfToken(context),
        user: () => Reflect.get(Object(Reflect.get(context.request, 'body')), 'user'),
      });
    });
    return await serve(app.callback());
  },
});

describe('CSRF tokens in Koa', () => {
  guardProcess();

  it('are refused with status 403 by Koa itself, and without a body parser', async () => {
    const app = new Koa();
    const errors: unknown[] = [];
    app.on('error', (error) => void errors.push(error));
    const { sessionStorage } = new Shop();
    const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
    app.use(sessions);
    app.use(async (context, next) => {
      if (context.path === '/used') context.body = sessions.of(context).uid;
      else await next();
    });
    app.use(sessions.checkCsrf);
    const port = await serve(app.callback());
    for (const path of ['/used', '/checked']) {
      expect((await ask(port, { path, method: 'POST' })).status, path).to.equal(403);
    }
    expect(errors.map((error) => error instanceof CsrfRefused)).to.deep.equal([true, true]);
  });

  it('are not there without the option', async () => {
    const app = new Koa();
    const errors: unknown[] = [];
    app.on('error', (error) => void errors.push(error));
    const { sessionStorage } = new Shop();
    const sessions = activateSessions({ sessionStorage, cookie: true });
    app.use(sessions).use(sessions.checkCsrf);
    expect((await ask(await serve(app.callback()))).status).to.equal(500);
    expect(String(errors)).to.contain("set csrf: 'token'");
  });
});
