import { type Context, Hono, type Next } from 'hono';
import { activateSessions } from '../../src/adapters/hono.js';
import { SessionError } from '../../src/index.js';
import type { TestApp } from './adapter-cases.js';
import { serve } from './deferred-head.js';
import { closing, honoServer, responseOf } from './web-app.js';

/** Hono for the cases of every adapter. */
export const honoApp: TestApp = {
  name: 'Hono',
  async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
    const errors: unknown[] = [];
    const app = new Hono();
    const sessions = activateSessions({
      sessionStorage: source,
      property,
      ...transports,
      ...(passive && { passive: (c: Context) => passive(c.req.path) }),
      ...(only && { only: (c: Context) => only(c.req.path) }),
    });
    app.use(sessions);
    app.all('*', async (c: Context, next: Next) => {
      const route = routes[c.req.path];
      if (route === undefined) return await next();
      const call = {
        query: (key: string) => String(c.req.query(key)),
        header: (key: string) => c.req.header(key),
        session: () => {
          const found: unknown = c.get(property);
          if (found === undefined) return undefined;
          const session = sessions.of(c);
          if (session !== found || c.var[property] !== found)
            throw new Error('the session of the variable is another one');
          return session;
        },
        closed: closing(c.env.outgoing),
      };
      return responseOf(await route(call));
    });
    app.onError((error) => {
      errors.push(error);
      const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
      return Response.json({ code }, { status });
    });
    const handler = (request: Request, env?: object) => app.fetch(request, env);
    return { port: await serve(honoServer.listener(handler, trustProxy)), errors };
  },
};
