import { Readable } from 'node:stream';
import { type Context, Hono, type Next } from 'hono';
import { activateSessions as activateForFetch } from '../../../src/adapters/fetch.js';
import { activateSessions as activateForHono } from '../../../src/adapters/hono.js';
import type { AdapterActivation, AdapterApp, AdapterReply, InjectedApp } from '../../../src/testing/index.js';
import type { WebHandler, WebServer } from '../web-app.js';
import { foundBy } from './found-by.js';
import { unprinted } from './stream-errors.js';
import { answerTo, type Built } from './ways.js';

/** An application for servers of the Fetch standard. */
export interface BuiltForWeb {
  readonly handler: WebHandler;
  readonly errors: readonly unknown[];
}

function responseOf(reply: AdapterReply): Response {
  const { status = 'redirect' in reply ? 302 : 200 } = reply;
  const headers = new Headers();
  for (const [name, value] of Object.entries(reply.headers ?? {}))
    for (const one of [value].flat()) headers.append(name, one);
  if ('json' in reply) return Response.json(reply.json, { status, headers });
  if ('text' in reply) return new Response(reply.text, { status, headers });
  if ('stream' in reply) return new Response(Readable.toWeb(unprinted(reply.stream)), { status, headers });
  if ('redirect' in reply) headers.set('Location', reply.redirect);
  return new Response(null, { status, headers });
}

/** The path of a request whose Host header may be no host, which `URL` refuses. */
const pathOf = ({ url }: Request): string => /^[a-z]+:\/\/[^/]*([^?]*)/.exec(url)?.[1] ?? '';
const queryOf = ({ url }: Request): URLSearchParams => new URLSearchParams(url.split('?', 2)[1]);

/** The application as a handler with `sessions-jwt/fetch`. */
export function fetchApp({ activations, routes }: AdapterApp): BuiltForWeb {
  const errors: unknown[] = [];
  const activated = activations.map(({ only, passive, options, mount }) => {
    const sessions = activateForFetch(
      {
        ...options,
        only: (request: Request) => only(pathOf(request)),
        passive: (request: Request) => passive(pathOf(request)),
      },
      {
        onError(error) {
          errors.push(error);
          return Response.json({ code: error.code }, { status: error.status });
        },
      },
    );
    return { property: options.property, of: sessions.of, sessions, mount };
  });
  const found = foundBy<Request>(activated);
  const answer = async (request: Request, context: object): Promise<Response> => {
    const route = routes[pathOf(request)];
    if (route === undefined) return new Response(null, { status: 404 });
    try {
      const reply = await route({
        query: (name) => String(queryOf(request).get(name)),
        session: (property = 'session') => found(request, property, Reflect.get(context, property)),
      });
      return responseOf(reply);
    } catch (error) {
      errors.push(error);
      const { status, code } = answerTo(error);
      return Response.json({ code }, { status });
    }
  };
  const handler = activated.reduceRight<WebHandler>(
    (inner, { sessions, mount }) => {
      const within = sessions((request, context) => inner(request, context));
      return (request, context) =>
        mount === undefined || pathOf(request).startsWith(`${mount}/`)
          ? within(request, context)
          : inner(request, context);
    },
    (request, context = {}) => answer(request, context),
  );
  return { handler, errors };
}

/** The application in Hono. */
export function honoApp({ activations, routes }: AdapterApp): BuiltForWeb {
  const errors: unknown[] = [];
  const app = new Hono();
  const install = ({ only, passive, options, mount }: AdapterActivation) => {
    const sessions = activateForHono({
      ...options,
      only: (c: Context) => only(c.req.path),
      passive: (c: Context) => passive(c.req.path),
    });
    if (mount === undefined) app.use(sessions);
    else app.route(mount, new Hono().use(sessions));
    return { property: options.property, of: sessions.of };
  };
  const found = foundBy(activations.map(install));
  app.all('*', async (c: Context, next: Next) => {
    const route = routes[c.req.path];
    if (route === undefined) return await next();
    const reply = await route({
      query: (name) => String(c.req.query(name)),
      session: (property = 'session') => {
        const session = found(c, property, c.get(property));
        if (session !== undefined && c.var[property] !== session) throw new Error('c.var has another session');
        return session;
      },
    });
    return responseOf(reply);
  });
  app.onError((error) => {
    errors.push(error);
    const { status, code } = answerTo(error);
    return Response.json({ code }, { status });
  });
  return { handler: (request, env) => app.fetch(request, env), errors };
}

/** The application on a server based on Node's. */
export function onServer(server: WebServer, { handler, errors }: BuiltForWeb, { trustProxy }: AdapterApp): Built {
  return { listener: server.listener(handler, trustProxy), errors };
}

/** The application called with a `Request`. */
export async function calledWithRequest({ handler, errors }: BuiltForWeb): Promise<InjectedApp> {
  return {
    url: 'http://127.0.0.1',
    errors,
    async ask({ method, path, headers }) {
      const response = await handler(new Request(`http://127.0.0.1${path}`, { method, headers }));
      const body = method === 'HEAD' ? new Uint8Array() : new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, body };
    },
    close: async () => undefined,
  };
}
