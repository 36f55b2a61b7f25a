import { expect } from 'chai';
import { activateSessions, type FetchHooks } from '../../src/adapters/fetch.js';
import { CsrfRefused, type SessionError } from '../../src/index.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { Shop } from '../support/shop.js';
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

  describe('CSRF tokens in fetch', () => {
    /** A handler that checks a form and answers who is signed in; and a client with a token and its cookie. */
    const siteOf = async (hooks: FetchHooks = {}, options: { csrf: 'token' | 'origin' } = { csrf: 'token' }) => {
      const { sessionStorage } = new Shop();
      const sessions = activateSessions({ sessionStorage, cookie: true, ...options }, hooks);
      const form = sessions((request) => new Response(sessions.csrfToken(request)));
      const handler = sessions(async (request, context) => {
        if (!request.url.endsWith('/unchecked')) sessions.checkCsrf(request, await request.formData());
        return Response.json({ uid: context.session.uid ?? null });
      });
      const post = async (fields: Record<string, string>, cookie = '', path = '/') => {
        const body = new URLSearchParams(fields);
        return await handler(new Request(`http://127.0.0.1${path}`, { method: 'POST', headers: { cookie }, body }));
      };
      const page = async () => {
        const response = await form(new Request('http://127.0.0.1/'));
        return { _csrf: await response.text(), cookie: response.headers.getSetCookie().join('; ') };
      };
      return { sessions, post, page };
    };

    it('are taken from FormData, and refused by the default answer', async () => {
      const { post, page } = await siteOf();
      const { _csrf, cookie } = await page();
      expect((await post({ _csrf }, cookie)).status).to.equal(200);
      for (const response of [await post({}, cookie), await post({ _csrf }, cookie, '/unchecked')]) {
        expect([response.status, await response.json()]).to.deep.equal([403, { code: 'EBADCSRFTOKEN' }]);
      }
    });

    it('are refused by onError, which can send another', async () => {
      const refusals: SessionError[] = [];
      const site = await siteOf({
        onError(error, request) {
          refusals.push(error);
          return new Response(site.sessions.csrfToken(request), { status: error.status });
        },
      });
      const refused = await site.post({});
      expect(refusals[0]).to.be.instanceOf(CsrfRefused);
      expect(refused.headers.get('cache-control')).to.equal('private, no-store');
      const [cookie = ''] = refused.headers.getSetCookie();
      expect((await site.post({ _csrf: await refused.text() }, cookie)).status).to.equal(200);
    });

    it('leave other errors of the handler, and of onError, to the server', async () => {
      const failed = new RangeError('a bug');
      const { sessions, post } = await siteOf({ onError: () => Promise.reject(failed) });
      expect(await errorOf(() => post({}), RangeError)).to.equal(failed);
      const handler = sessions(() => Promise.reject(failed));
      expect(await errorOf(() => handler(new Request('http://127.0.0.1/')), RangeError)).to.equal(failed);
    });

    it('are not the reason of a refusal without the option', async () => {
      const { sessions } = await siteOf({ onError: () => new Response() }, { csrf: 'origin' });
      const thrown = new CsrfRefused('token_missing', 'thrown by the handler');
      const handler = sessions(() => Promise.reject(thrown));
      expect(await errorOf(() => handler(new Request('http://127.0.0.1/')), CsrfRefused)).to.equal(thrown);
    });

    it('are not there without the option', async () => {
      const { page, post } = await siteOf({}, { csrf: 'origin' });
      for (const act of [page, () => post({})]) {
        expect((await errorOf(act, TypeError)).message).to.contain("set csrf: 'token'");
      }
    });
  });
});
