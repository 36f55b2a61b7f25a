import { text } from 'node:stream/consumers';
import Koa, { type Context, type Next } from 'koa';
import { activateSessions } from '../../src/adapters/koa.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';

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
