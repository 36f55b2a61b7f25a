import { type Context, Hono } from 'hono';
import { activateSessions } from '../../src/adapters/hono.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';
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
});
