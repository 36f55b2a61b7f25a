/**
 * Sessions for Hono 4.
 *
 * @module
 */

import type { Context, Next } from 'hono';
import { SessionError } from '../errors.js';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type SessionAccess } from '../http/activation.js';
import type { CreatePolicy, Visit } from '../http/lifecycle.js';
import type { Place, SessionCell } from '../http/place.js';
import { commitOnto, giveUp } from '../http/web/commit-onto.js';
import { withoutBody } from '../http/web/discard.js';
import { errorResponse } from '../http/web/error-response.js';
import { WebExchange, WebIncoming } from '../http/web/web-exchange.js';
import type { RegisteredSession } from '../session/registered-session.js';
import type { OpenedSession } from '../storage/session-source.js';

export type * from '../http/adapter-types.js';

declare module 'hono' {
  interface ContextVariableMap {
    /** The session, typed by `Register`. Set one only with `create: 'never'`, for a request that has none. */
    session: RegisteredSession;
  }
}

/** Hono middleware that gives each context its session. */
export interface HonoSessions<Kind, Found = Kind> extends SessionAccess<Kind, Found, Context, Context> {
  (c: Context, next: Next): Promise<void>;
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
  const activation = activate(options, asVariable);
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
  return Object.assign(middleware, {
    of: activation.of,
    read: (c: Context) => activation.read(new WebIncoming(c.req.raw, c.env)),
  });
}

/** A variable of the context. It is read through the context's own methods, so that reading it can be noticed. */
function asVariable<Kind>(name: string, cell: SessionCell<Kind, Context>): Place<Context> {
  return {
    isTaken: (c) => c.get(name) !== undefined,
    fill(c) {
      const { get, set } = c;
      const outer = Object.getOwnPropertyDescriptor(c, 'var')?.get;
      const session: PropertyDescriptor = { enumerable: true, get: () => cell.get(c) };
      const variables = (): object =>
        Object.defineProperty(outer?.call(c) ?? Reflect.get(Object.getPrototypeOf(c), 'var', c), name, session);
      Object.assign(c, {
        get: (key: string) => (key === name ? cell.get(c) : get(key)),
        set: (key: string, value: Kind) => (key === name ? cell.set(c, value) : set(key, value)),
      });
      Object.defineProperty(c, 'var', { configurable: true, get: variables });
    },
  };
}

/** Makes Hono's default error handler answer with the error's status: it asks errors for their response. */
function answerable(error: unknown): unknown {
  if (error instanceof SessionError && !('getResponse' in error)) {
    Reflect.defineProperty(error, 'getResponse', { value: () => errorResponse(error) });
  }
  return error;
}

/** Assigning to `c.res` twice keeps Hono from merging in the headers of the response before. */
function replace(c: Context, response: Response): void {
  if (c.res === response) return;
  const { finalized } = c;
  c.res = undefined;
  c.res = response;
  c.finalized = finalized;
}
