import { activateSessions } from '../../src/adapters/fetch.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';
import { honoServer, restoreGlobals, srvxServer } from '../support/web-app.js';

/** What a handler parses; `undefined` for what it does not understand. */
async function bodyOf(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) return await request.json();
  if (type.startsWith('multipart/form-data')) return await request.formData();
  return type.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(await request.text()) : undefined;
}

function userIn(body: unknown): unknown {
  if (body instanceof FormData || body instanceof URLSearchParams) return body.get('user');
  return Reflect.get(Object(body), 'user');
}

describe('fetch', () => {
  afterEach(restoreGlobals);

  for (const server of [honoServer, srvxServer]) {
    csrfTokenCases({
      name: `fetch on ${server.name}`,
      hasMultipart: true,
      unparsable: 400,
      async serve({ source, routes, only, exempt, options, isChecked }) {
        const pathOf = (request: Request): string => new URL(request.url).pathname;
        const sessions = activateSessions(
          {
            sessionStorage: source,
            cookie: true,
            only: (request) => only(pathOf(request)),
            csrf: { ...options, token: true, exempt: (request) => exempt(pathOf(request)) },
          },
          {
            onError(error, request) {
              const { status, json } = refusalOf(error, () => sessions.csrfToken(request));
              return Response.json(json, { status });
            },
          },
        );
        const handler = sessions(async (request) => {
          let body: unknown;
          try {
            if (request.method === 'POST') body = await bodyOf(request);
          } catch {
            return Response.json({ reason: 'other' }, { status: 400 });
          }
          if (isChecked) sessions.checkCsrf(request, body);
          const call = {
            session: () => sessions.of(request),
            csrfToken: () => sessions.csrfToken(request),
            user: () => userIn(body),
          };
          return Response.json(await routes[pathOf(request)]?.(call));
        });
        return await serve(server.listener(handler));
      },
    });
  }
});
