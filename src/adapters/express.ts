/**
 * Sessions for Express 5 and 4.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { type ActivateOptions, readActivation } from '../http/activation.js';
import type { CreatePolicy, Visit } from '../http/lifecycle.js';
import { deferHead } from '../http/node/deferred-head.js';
import { NodeExchange, NodeIncoming } from '../http/node/exchange.js';
import type { RegisteredKind } from '../session/register.js';
import type { ServerSession } from '../session/server-session.js';
import type { Session } from '../session/session.js';
import type { OpenedSession } from '../storage/session-source.js';

export type { ActivateOptions } from '../http/activation.js';
export type { CreatePolicy } from '../http/lifecycle.js';
export type { CookieOptions, CookieScope } from '../http/transports/cookie-options.js';
export type { HeaderOptions } from '../http/transports/header.js';

declare global {
  namespace Express {
    interface Request {
      /** Typed by `Register`; `activateSessions` puts it there. Assigned only by `create: 'never'`, where there is none. */
      session: RegisteredKind extends 'server' ? ServerSession : Session;
    }
  }
}

/** Express middleware that gives each request its session. */
export interface ExpressSessions<Kind, Found = Kind> {
  (request: Request, response: Response, next: NextFunction): void;
  /** The request's session, typed by its storage. @throws TypeError when the middleware did not see this request */
  of(request: Request): Found;
  /**
   * The session of any node request, an upgrade perhaps, only to look at: nothing is touched, made, sent or saved.
   * @throws StoreUnavailable
   */
  read(request: IncomingMessage): Promise<Kind | undefined>;
}

/**
 * Makes the middleware. It opens the session before the handlers run, and settles it right before the response's head goes
 * out, on error responses too. A failure then goes to the error handlers like any other; to Express's own last one when
 * the application's were already passed, as for a request that no route answered.
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
  const { lifecycle, isPassive, isMeant, property } = readActivation(options);
  const key: unique symbol = Symbol(property);
  type Visited = IncomingMessage & { [key]?: Visit<Kind> };

  const visitOf = (request: Visited): Visit<Kind> => {
    const visit = request[key];
    if (visit === undefined) throw new TypeError('sessions.of(request): activateSessions did not see this request');
    visit.isRead = true;
    return visit;
  };

  // One for all requests: a function of its own for each would cost more than looking the visit up.
  const accessor: PropertyDescriptor & ThisType<Visited> = {
    configurable: true,
    enumerable: true,
    get() {
      return visitOf(this).session;
    },
    set(session: Kind) {
      lifecycle.adopt(visitOf(this), session);
    },
  };

  const middleware = (request: Request & Visited, response: Response, next: NextFunction): void => {
    if (request[key] !== undefined || !isMeant(request)) {
      next();
      return;
    }
    const exchange = new NodeExchange(request, response);
    const proceed = (visit: Visit<Kind>): void => {
      request[key] = visit;
      Object.defineProperty(request, property, accessor);
      deferHead(response, { commit: () => lifecycle.commit(exchange, visit), fail: next });
      next();
    };
    const visit = lifecycle.open(exchange, isPassive(request));
    if (visit instanceof Promise) visit.then(proceed, next);
    else proceed(visit);
  };

  return Object.assign(middleware, {
    of(request: Request): Kind | undefined {
      return visitOf(request).session;
    },
    read(request: IncomingMessage): Promise<Kind | undefined> {
      return lifecycle.read(new NodeIncoming(request));
    },
  });
}
