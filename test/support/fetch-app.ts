import { activateSessions } from '../../src/adapters/fetch.js';
import { SessionError } from '../../src/index.js';
import type { TestApp, TestCall } from './adapter-cases.js';
import { serve } from './deferred-head.js';
import type { ShopSession } from './shop.js';
import { closing, responseOf, type WebServer } from './web-app.js';

const pathOf = (request: Request): string => new URL(request.url).pathname;

/** A handler of the Fetch standard for the cases of every adapter. */
export function fetchApp(server: WebServer): TestApp {
  return {
    name: `fetch on ${server.name}`,
    countsText: server.countsText,
    async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
      const errors: unknown[] = [];
      const sessions = activateSessions(
        {
          sessionStorage: source,
          property,
          ...transports,
          ...(passive && { passive: (request: Request) => passive(pathOf(request)) }),
          ...(only && { only: (request: Request) => only(pathOf(request)) }),
        },
        {
          onError(error) {
            errors.push(error);
            return Response.json({ code: error.code }, { status: error.status });
          },
        },
      );
      const handler = sessions(async (request, context) => {
        const route = routes[pathOf(request)];
        if (route === undefined) return new Response(null, { status: 404 });
        const call: TestCall = {
          query: (key) => String(new URL(request.url).searchParams.get(key)),
          header: (key) => request.headers.get(key) ?? undefined,
          session: () => {
            const found: ShopSession | undefined = context[property];
            if (found === undefined) return undefined;
            const session = sessions.of(request);
            if (session !== found) throw new Error('the session of the context is another one');
            return session;
          },
          closed: closing(server.outgoingOf(request, context)),
        };
        try {
          return responseOf(await route(call));
        } catch (error) {
          errors.push(error);
          const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
          return Response.json({ code }, { status });
        }
      });
      return { port: await serve(server.listener(handler, trustProxy)), errors };
    },
  };
}
