/**
 * Sessions for Koa 3.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { Context, Next } from 'koa';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type CsrfAccess, type SessionAccess } from '../http/activation.js';
import type { CreatePolicy } from '../http/lifecycle.js';
import { deferHead } from '../http/node/deferred-head.js';
import { NodeExchange, NodeIncoming } from '../http/node/exchange.js';
import { joinedHeaders } from '../http/node/joined-headers.js';
import { NodeSink } from '../http/node/stream-sink.js';
import { type StreamOptions, streamRoute } from '../http/stream-route.js';
import type { Visit } from '../http/visit.js';
import type { StreamSource } from '../ports/stream.js';
import type { RegisteredSession } from '../session/registered-session.js';
import type { OpenedSession } from '../storage/session-source.js';

export type * from '../http/adapter-types.js';

declare module 'koa' {
  interface DefaultContext {
    /** The session, typed by `Register`. Assign one only with `create: 'never'`, to a request that has none. */
    session: RegisteredSession;
  }
}

/** Koa middleware that gives each request its session. */
export interface KoaSessions<Kind, Found = Kind>
  extends SessionAccess<Kind, Found, Context, IncomingMessage>,
    CsrfAccess<Context> {
  (context: Context, next: Next): Promise<void>;
  /**
   * Middleware that checks the CSRF token in `ctx.request.body`, with `csrf: 'token'`. Install it after the body parser, and before
   * what uses the session. Requests with the token in the header pass it.
   */
  checkCsrf(context: Context, next: Next): Promise<void>;
}

/**
 * Creates the middleware. It opens the session before later middleware runs, and saves and sends it right before the response's
 * head: after Koa's own error handling, which removes all headers that were set before. If the session cannot be opened, the error
 * goes to the middleware before this one. If it cannot be saved, no middleware runs any more: Koa answers with the status of the
 * error, and the application emits `error`.
 *
 * ```ts
 * app.use(activateSessions({ sessionStorage, cookie: true, header: true }));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function activateSessions<Kind extends OpenedSession, Create extends CreatePolicy = 'lazy'>(
  options: ActivateOptions<Kind, Context, Create>,
): KoaSessions<Kind, Create extends 'never' ? Kind | undefined : Kind>;
export function activateSessions<Kind extends OpenedSession>(
  options: ActivateOptions<Kind, Context>,
): KoaSessions<Kind, Kind | undefined> {
  const activation = activate(options);
  const middleware = async (context: Context, next: Next): Promise<void> => {
    if (!activation.needsOpening(context)) return await next();
    const { request, res: response } = context;
    const exchange = new NodeExchange(request, response);
    const visit: Visit<Kind> = await activation.open(context, exchange);
    const isDeferred = deferHead(response, {
      commit: () => activation.commit(exchange, visit),
      fail: (error) => context.onerror(Object(error)),
    });
    if (!isDeferred) activation.forgo(visit);
    await next();
  };
  return Object.assign(middleware, {
    of: activation.of,
    csrfToken: activation.csrfToken,
    async checkCsrf(context: Context, next: Next): Promise<void> {
      activation.checkCsrf(context, Reflect.get(context.request, 'body'));
      await next();
    },
    read: (request: IncomingMessage) => activation.read(new NodeIncoming(request)),
  });
}

/**
 * Creates middleware that answers requests with the source's stream, and does not call the middleware after it. `GET` and `POST` reach
 * the source, `HEAD` gets the head of an event stream, and other methods 405. `OPTIONS` goes to the next middleware. The middleware before
 * it goes on once the response has begun.
 *
 * ```ts
 * router.all('/live', stream(live));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function stream<Session = RegisteredSession>(
  source: StreamSource<Session>,
  options?: StreamOptions,
): (context: Context, next: Next) => Promise<void> {
  const route = streamRoute(source, options);
  return async (context, next) => {
    const { method, headers, originalUrl: url, req, res } = context;
    if (method === 'OPTIONS') return await next();
    await new Promise<void>((resolve, failed) => {
      const begun = (): void => {
        context.respond = false;
        resolve();
      };
      const sink = new NodeSink(req.socket, res, { begun, failed });
      route.answer({ method, headers: joinedHeaders(headers), url }, context, sink);
    });
  };
}
