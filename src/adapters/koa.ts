/**
 * Sessions for Koa 3.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { ExtendableContext, Next } from 'koa';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type SessionAccess } from '../http/activation.js';
import type { CreatePolicy, Visit } from '../http/lifecycle.js';
import { deferHead } from '../http/node/deferred-head.js';
import { NodeExchange, NodeIncoming } from '../http/node/exchange.js';
import type { RegisteredKind } from '../session/register.js';
import type { ServerSession } from '../session/server-session.js';
import type { Session } from '../session/token-session.js';
import type { OpenedSession } from '../storage/session-source.js';

export type { ActivateOptions } from '../http/activate-options.js';
export type { SessionAccess } from '../http/activation.js';
export type { CreatePolicy } from '../http/lifecycle.js';
export type { CookieOptions, CookieScope } from '../http/transports/cookie-options.js';
export type { HeaderOptions } from '../http/transports/header.js';

declare module 'koa' {
  interface DefaultContext {
    /** The session, typed by `Register`. Assign one only with `create: 'never'`, to a request that has none. */
    session: RegisteredKind extends 'server' ? ServerSession : Session;
  }
}

/** Koa middleware that gives each context its session. */
export interface KoaSessions<Kind, Found = Kind>
  extends SessionAccess<Kind, Found, ExtendableContext, IncomingMessage> {
  (ctx: ExtendableContext, next: Next): Promise<unknown>;
}

/** A context as the lifecycle sees it. `app.proxy` decides whether `X-Forwarded-Proto` counts. */
class KoaExchange extends NodeExchange {
  readonly #ctx: ExtendableContext;

  constructor(ctx: ExtendableContext) {
    super(ctx.req, ctx.res);
    this.#ctx = ctx;
  }

  override isSecure(): boolean {
    return this.#ctx.secure;
  }
}

/**
 * Creates the middleware. It opens the session before the middleware after it runs, and saves and sends it right before the
 * response's head, on error responses too. A session that cannot be opened throws. One that cannot be saved goes to
 * `ctx.onerror`, as what a middleware throws does: Koa emits `error` on the application, and answers with the error's status.
 *
 * ```ts
 * app.use(activateSessions({ sessionStorage, cookie: true }));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function activateSessions<Kind extends OpenedSession, Create extends CreatePolicy = 'lazy'>(
  options: ActivateOptions<Kind, ExtendableContext, Create>,
): KoaSessions<Kind, Create extends 'never' ? Kind | undefined : Kind>;
export function activateSessions<Kind extends OpenedSession>(
  options: ActivateOptions<Kind, ExtendableContext>,
): KoaSessions<Kind, Kind | undefined> {
  const activation = activate(options);
  const middleware = async (ctx: ExtendableContext, next: Next): Promise<unknown> => {
    if (!activation.needsOpening(ctx)) return next();
    const exchange = new KoaExchange(ctx);
    const opening = activation.open(ctx, exchange);
    const visit: Visit<Kind> = opening instanceof Promise ? await opening : opening;
    // Koa removes all headers before it answers an error: only at the head is it known what is sent.
    const isDeferred = deferHead(ctx.res, {
      commit: () => activation.commit(exchange, visit),
      fail: (error) => fail(ctx, error),
    });
    if (!isDeferred) activation.forgo(visit);
    return next();
  };
  return Object.assign(middleware, {
    of: activation.of,
    read: (request: IncomingMessage) => activation.read(new NodeIncoming(request)),
  });
}

function fail(ctx: ExtendableContext, error: unknown): void {
  ctx.onerror(error instanceof Error ? error : new Error('the session could not be saved', { cause: error }));
}
