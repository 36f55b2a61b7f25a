/**
 * Sessions for Hono 4.
 *
 * @module
 */

import type { Context, MiddlewareHandler, Next } from 'hono';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type CsrfAccess, type SessionAccess } from '../http/activation.js';
import type { CreatePolicy } from '../http/lifecycle.js';
import { type StreamOptions, streamRoute } from '../http/stream-route.js';
import type { Visit } from '../http/visit.js';
import { askedOf } from '../http/web/asked-of.js';
import { commitOnto, giveUp } from '../http/web/commit-onto.js';
import { withoutBody } from '../http/web/discard.js';
import { WebSink } from '../http/web/stream-sink.js';
import { WebExchange, WebIncoming } from '../http/web/web-exchange.js';
import { isOfAnswer } from '../lib/body-headers.js';
import type { StreamSource } from '../ports/stream.js';
import type { RegisteredSession } from '../session/registered-session.js';
import type { OpenedSession } from '../storage/session-source.js';
import { answerable, answering } from './hono/answerable.js';
import { parsedBody } from './hono/parsed-body.js';
import { asVariable } from './hono/variable.js';

export type * from '../http/adapter-types.js';

declare module 'hono' {
  interface ContextVariableMap {
    /** The session, typed by `Register`. Set one only with `create: 'never'`, for a request that has none. */
    session: RegisteredSession;
  }
}

/** Hono middleware that gives each context its session. */
export interface HonoSessions<Kind, Found = Kind>
  extends SessionAccess<Kind, Found, Context, Context>,
    CsrfAccess<Context> {
  (c: Context, next: Next): Promise<void>;
  /**
   * Middleware that checks the CSRF token in a form or JSON body, with `csrf: 'token'`. Install it before what uses the session. It
   * reads the body only if a token is needed and the header has none. Handlers can read it again.
   */
  checkCsrf(c: Context, next: Next): Promise<void>;
}

/**
 * Creates the middleware. It opens the session before the handlers run, and saves it once they have made a response, also one
 * of `onError` or `notFound`. Its headers are added to `c.res`, or to a copy where those of the response cannot be changed.
 * A session that cannot be opened or saved goes to `onError`. The default handler answers with the error's status.
 *
 * ```ts
 * app.use(activateSessions({ sessionStorage, cookie: true }));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function activateSessions<Kind extends OpenedSession, Create extends CreatePolicy = 'lazy'>(
  options: ActivateOptions<Kind, Context, Create>,
): HonoSessions<Kind, Create extends 'never' ? Kind | undefined : Kind>;
export function activateSessions<Kind extends OpenedSession>(
  options: ActivateOptions<Kind, Context>,
): HonoSessions<Kind, Kind | undefined> {
  const activation = activate<Kind, Context>(options, (name, { get, set }) =>
    asVariable(name, { get: answering(get), set }),
  );
  const middleware = async (c: Context, next: Next): Promise<void> => {
    if (!activation.needsOpening(c)) return next();
    const exchange = new WebExchange(c.req.raw, c.env);
    let visit: Visit<Kind>;
    try {
      const opening = activation.open(c, exchange);
      visit = opening instanceof Promise ? await opening : opening;
    } catch (error) {
      throw answerable(error);
    }
    try {
      await next();
    } catch (error) {
      giveUp(activation, exchange, visit);
      throw error;
    }
    try {
      replace(c, await commitOnto(activation, exchange, visit, c.res));
    } catch (error) {
      replace(c, withoutBody(c.res));
      throw answerable(error);
    }
  };
  const check = answering(({ c, body }: { c: Context; body: unknown }) => activation.checkCsrf(c, body));
  return Object.assign(middleware, {
    of: answering(activation.of),
    csrfToken: activation.csrfToken,
    async checkCsrf(c: Context, next: Next): Promise<void> {
      const body = activation.needsBody(c) ? await parsedBody(c) : undefined;
      check({ c, body });
      await next();
    },
    read: (c: Context) => activation.read(new WebIncoming(c.req.raw, c.env)),
  });
}

/** Assigning to `c.res` twice keeps Hono from merging in the headers of the response before. */
function replace(c: Context, response: Response): void {
  if (c.res === response) return;
  const { finalized } = c;
  c.res = undefined;
  c.res = response;
  c.finalized = finalized;
}

/**
 * Creates a handler that answers requests with the source's stream. `GET` and `POST` reach the source, `HEAD` gets the head of an event
 * stream, and other methods 405. `OPTIONS` goes to the next handler.
 *
 * ```ts
 * app.all('/live', stream(live));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function stream<Session = RegisteredSession>(
  source: StreamSource<Session>,
  options?: StreamOptions,
): MiddlewareHandler {
  const route = streamRoute(source, options);
  return async (c, next) => {
    const { raw, method } = c.req;
    if (method === 'OPTIONS') return await next();
    return await new Promise<Response>((resolve, reject) => {
      const sink = new WebSink(raw, c.env, {
        begun: (response) => resolve(withHeadersOf(c, response)),
        failed: (error) => reject(answerable(error)),
      });
      route.answer(askedOf(raw), c.var, sink);
    });
  };
}

/** A response with the headers that were set on the context before, but for those that describe another body. */
function withHeadersOf(c: Context, own: Response): Response {
  const response = c.newResponse(own.body, own);
  for (const [name, value] of [...response.headers]) {
    if (!own.headers.has(name) && isOfAnswer(name, value)) response.headers.delete(name);
  }
  return response;
}
