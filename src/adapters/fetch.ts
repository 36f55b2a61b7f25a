/**
 * Sessions for handlers that take a `Request` and return a `Response` of the Fetch standard.
 *
 * @module
 */

import { z } from 'zod';
import { SessionError } from '../errors.js';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type SessionAccess } from '../http/activation.js';
import type { CreatePolicy, Visit } from '../http/lifecycle.js';
import { hasProperty, type PlaceOf, takenError } from '../http/place.js';
import { commitOnto, giveUp } from '../http/web/commit-onto.js';
import { errorResponse } from '../http/web/error-response.js';
import { WebExchange, WebIncoming } from '../http/web/web-exchange.js';
import { strictOptions } from '../lib/strict-options.js';
import type { OpenedSession } from '../storage/session-source.js';

export type * from '../http/adapter-types.js';

/** What the server passed as second argument, and the session. */
export type SessionContext<Found, Given = object, Property extends string = 'session'> = Given & {
  [name in Property]: Found;
};

/** A handler with sessions. */
export type SessionHandler<Found, Given = object, Property extends string = 'session'> = (
  request: Request,
  context: SessionContext<Found, Given, Property>,
) => Response | Promise<Response>;

/** A handler as servers call it. What is not needed may be left out. */
export type FetchHandler<Given> = (
  request: Request,
  ...given: object extends Given ? [given?: Given] : [given: Given]
) => Promise<Response>;

/** Gives handlers their sessions. */
export interface FetchSessions<Kind, Found = Kind, Property extends string = 'session'>
  extends SessionAccess<Kind, Found, Request, Request> {
  <Given extends object = object>(handler: SessionHandler<Found, Given, Property>): FetchHandler<Given>;
  /** `given`: the second argument of the handler, if any. @throws StoreUnavailable */
  read(request: Request, given?: object): Promise<Kind | undefined>;
}

/** What to do about errors. */
export interface FetchHooks {
  /**
   * Answers a request whose session could not be opened or saved, such as while the store is down. Default: the error's
   * status, and `{ "code": ... }` as JSON. What the handler throws does not come here.
   */
  readonly onError?: ((error: SessionError, request: Request) => Response | Promise<Response>) | undefined;
}

const HOOKS = z.strictObject({
  onError: z
    .custom((value) => typeof value === 'function', 'expected a function of the error and the request')
    .optional(),
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
  const mark = Symbol(property);

  const contextOf = <Given>(
    given: object | undefined,
    visit: Visit<Kind>,
  ): SessionContext<Kind | undefined, Given, string> => {
    const accessor: PropertyDescriptor = {
      enumerable: true,
      get: () => activation.sessionOf(visit),
      set: (session: Kind) => activation.assign(visit, session),
    };
    return extended(given, { [mark]: { value: true }, [property]: accessor });
  };
  const answer = (error: unknown, request: Request): Response | Promise<Response> => {
    if (error instanceof SessionError) return onError(error, request);
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
        response = await handler(request, contextOf(given, visit));
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
    read: (request: Request, given?: object) => activation.read(new WebIncoming(request, given)),
  });
}

/** The context for a handler: what the server gave, and more. The server's own object may serve other requests, too. */
function extended<Extended extends object>(given: object | undefined, more: PropertyDescriptorMap = {}): Extended {
  const own = given === undefined ? more : { ...Object.getOwnPropertyDescriptors(given), ...more };
  return Object.create(given === undefined ? Object.prototype : Object.getPrototypeOf(given), own);
}
