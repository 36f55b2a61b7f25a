/**
 * Sessions for handlers that take a `Request` and return a `Response` of the Fetch standard.
 *
 * @module
 */

import { CsrfRefused, SessionError } from '../errors.js';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate } from '../http/activation.js';
import type { CreatePolicy } from '../http/lifecycle.js';
import { hasProperty, type PlaceOf, takenError } from '../http/place.js';
import { ALLOW, type StreamOptions, streamRoute } from '../http/stream-route.js';
import type { Visit } from '../http/visit.js';
import { askedOf } from '../http/web/asked-of.js';
import { commitOnto, giveUp } from '../http/web/commit-onto.js';
import { errorResponse } from '../http/web/error-response.js';
import { WebSink } from '../http/web/stream-sink.js';
import { WebExchange, WebIncoming } from '../http/web/web-exchange.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { callback } from '../lib/rules/kinds.js';
import { strictOptions } from '../lib/strict-options.js';
import type { StreamSource } from '../ports/stream.js';
import type { RegisteredSession } from '../session/registered-session.js';
import type { OpenedSession } from '../storage/session-source.js';
import { extended } from './fetch/extended.js';
import type { FetchHooks, FetchSessions, SessionContext, SessionHandler } from './fetch/types.js';

export type * from '../http/adapter-types.js';
export type * from './fetch/types.js';

const HOOKS = new FieldsRule({
  onError: callback('expected a function of the error and the request').optional(),
});

/** The context has the session, not the request. */
const inContext: PlaceOf<unknown, object> = () => ({ isTaken: () => false, fill: () => undefined });

/**
 * Gives handlers sessions. The session is opened before the handler runs, and saved before the response is returned. Its
 * headers are added to the response, or to a copy where the response's headers cannot be changed.
 *
 * If the handler throws, the error is thrown on and nothing can be sent: changes of data are saved as far as that needs no
 * new credential. Catch errors within the handler to keep a sign-in.
 *
 * ```ts
 * const sessions = activateSessions({ sessionStorage, cookie: true });
 * serve({ fetch: sessions((request, { session }) => Response.json({ uid: session.uid })) });
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function activateSessions<
  Kind extends OpenedSession,
  Create extends CreatePolicy = 'lazy',
  const Property extends string = 'session',
>(
  options: ActivateOptions<Kind, Request, Create> & { readonly property?: Property | undefined },
  hooks?: FetchHooks,
): FetchSessions<Kind, Create extends 'never' ? Kind | undefined : Kind, Property>;
export function activateSessions<Kind extends OpenedSession>(
  options: ActivateOptions<Kind, Request>,
  hooks: FetchHooks = {},
): FetchSessions<Kind, Kind | undefined, string> {
  strictOptions('activateSessions', HOOKS, hooks);
  const { onError = errorResponse } = hooks;
  const activation = activate(options, inContext);
  const { property } = activation;
  const mark: unique symbol = Symbol(property);
  type Visited = object & { readonly [mark]: Visit<Kind> };

  // One for all contexts: see the variable of Hono.
  const accessor: PropertyDescriptor & ThisType<Visited> = {
    enumerable: true,
    get() {
      return activation.sessionOf(this[mark]);
    },
    set(session: Kind) {
      activation.assign(this[mark], session);
    },
  };
  const contextOf = <Given>(
    given: object | undefined,
    visit: Visit<Kind>,
  ): SessionContext<Kind | undefined, Given, string> =>
    extended(given, { [mark]: { value: visit }, [property]: accessor });
  const answer = (error: unknown, request: Request): Response | Promise<Response> => {
    if (error instanceof SessionError) return onError(error, request);
    throw error;
  };
  /** The handler itself checks tokens, so their refusal comes from there. */
  const refused = (error: unknown, request: Request): Response | Promise<Response> => {
    if (activation.hasTokens && error instanceof CsrfRefused) return onError(error, request);
    throw error;
  };

  const sessions = <Given extends object>(handler: SessionHandler<Kind | undefined, Given, string>) => {
    return async (request: Request, given?: Given): Promise<Response> => {
      // Within itself, it opens nothing. The same request may come again, as in a test.
      const isInside = given !== undefined && mark in given;
      if (isInside || !activation.isMeant(request)) return handler(request, extended(given));
      if (given !== undefined && hasProperty(given, property)) throw takenError(property);
      const exchange = new WebExchange(request, given);
      let visit: Visit<Kind>;
      try {
        const opening = activation.open(request, exchange);
        visit = opening instanceof Promise ? await opening : opening;
      } catch (error) {
        return answer(error, request);
      }
      let response: Response;
      try {
        try {
          response = await handler(request, contextOf(given, visit));
        } catch (error) {
          response = await refused(error, request);
        }
      } catch (error) {
        giveUp(activation, exchange, visit);
        throw error;
      }
      try {
        return await commitOnto(activation, exchange, visit, response);
      } catch (error) {
        return answer(error, request);
      }
    };
  };
  return Object.assign(sessions, {
    of: activation.of,
    csrfToken: activation.csrfToken,
    checkCsrf: activation.checkCsrf,
    read: (request: Request, given?: object) => activation.read(new WebIncoming(request, given)),
  });
}

/**
 * Creates a handler that answers requests with the source's stream, to be called with a session. `GET` and `POST` reach the source, `HEAD` gets
 * the head of an event stream, `OPTIONS` the methods there are, and other methods 405.
 *
 * ```ts
 * serve({ fetch: sessions(stream(live)) });
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function stream<Session = RegisteredSession>(
  source: StreamSource<Session>,
  options?: StreamOptions,
): (request: Request, context: object) => Promise<Response> {
  const route = streamRoute(source, options);
  return async (request, context) => {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { Allow: ALLOW } });
    return await new Promise<Response>((resolve, failed) => {
      const sink = new WebSink(request, context, { begun: resolve, failed });
      route.answer(askedOf(request), context, sink);
    });
  };
}
