/**
 * Sessions for Express 5 and 4.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
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

declare global {
  namespace Express {
    interface Request {
      /** The session, typed by `Register`. Assign one only with `create: 'never'`, to a request that has none. */
      session: RegisteredSession;
    }
  }
}

/** Express middleware that gives each request its session. */
export interface ExpressSessions<Kind, Found = Kind>
  extends SessionAccess<Kind, Found, IncomingMessage, IncomingMessage>,
    CsrfAccess<IncomingMessage> {
  (request: Request, response: Response, next: NextFunction): void;
  /**
   * Middleware that checks the CSRF token in a form or JSON body, with `csrf: 'token'`. Install it after the body parsers, and before
   * what uses the session. Requests with the token in the header pass it.
   */
  checkCsrf(request: Request, response: Response, next: NextFunction): void;
}

/**
 * Creates the middleware. It opens the session before the handlers run, and saves and sends it right before the response's
 * head, on error responses too. A failure goes to the error handlers, like any other. Where those have run already, as for a
 * request that no route answered, it goes to Express's own.
 *
 * ```ts
 * app.use(activateSessions({ sessionStorage, cookie: true, header: true }));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function activateSessions<Kind extends OpenedSession, Create extends CreatePolicy = 'lazy'>(
  options: ActivateOptions<Kind, Request, Create>,
): ExpressSessions<Kind, Create extends 'never' ? Kind | undefined : Kind>;
export function activateSessions<Kind extends OpenedSession>(
  options: ActivateOptions<Kind, Request>,
): ExpressSessions<Kind, Kind | undefined> {
  const activation = activate(options);
  const middleware = (request: Request, response: Response, next: NextFunction): void => {
    if (!activation.needsOpening(request)) {
      next();
      return;
    }
    const exchange = new NodeExchange(request, response);
    const proceed = (visit: Visit<Kind>): void => {
      const isDeferred = deferHead(response, { commit: () => activation.commit(exchange, visit), fail: next });
      if (!isDeferred) activation.forgo(visit);
      next();
    };
    const visit = activation.open(request, exchange);
    if (visit instanceof Promise) visit.then(proceed, next);
    else proceed(visit);
  };
  return Object.assign(middleware, {
    of: activation.of,
    csrfToken: activation.csrfToken,
    checkCsrf(request: Request, _response: Response, next: NextFunction): void {
      activation.checkCsrf(request, request.body);
      next();
    },
    read: (request: IncomingMessage) => activation.read(new NodeIncoming(request)),
  });
}

/**
 * Creates a handler that answers requests with the source's stream. `GET` and `POST` reach the source, `HEAD` gets the head of an event
 * stream, and other methods 405. `OPTIONS` is left to the application.
 *
 * ```ts
 * app.all('/live', stream(live));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function stream<Session = RegisteredSession>(
  source: StreamSource<Session>,
  options?: StreamOptions,
): (request: Request, response: Response, next: NextFunction) => void {
  const route = streamRoute(source, options);
  return (request, response, next) => {
    const { method, headers, originalUrl: url, socket } = request;
    if (method === 'OPTIONS') {
      next();
      return;
    }
    const sink = new NodeSink(socket, response, { begun: () => undefined, failed: next });
    route.answer({ method, headers: joinedHeaders(headers), url }, request, sink);
  };
}
