import type { OpenedSession } from '../storage/session-source.js';
import { type ActivateOptions, readActivateOptions } from './activate-options.js';
import { addClaim, type Claim } from './claimed-names.js';
import type { TokenCheck } from './csrf/token-check.js';
import type { Exchange, Incoming } from './exchange.js';
import { asProperty, type PlaceOf, takenError } from './place.js';
import type { Visit } from './visit.js';

/** Access to sessions beside the request's own property. */
export interface SessionAccess<Kind, Found, Request, Readable> {
  /** The request's session, typed by its storage. @throws TypeError if the request did not pass `activateSessions` */
  of(request: Request): Found;
  /**
   * Reads the session of any request, such as an upgrade. Creates, changes, saves and sends nothing; does not count as activity.
   * @throws StoreUnavailable
   */
  read(request: Readable): Promise<Kind | undefined>;
}

/** Access to CSRF tokens, with `csrf: 'token'`. */
export interface CsrfAccess<Request> {
  /**
   * A token for a form, or for a script that cannot read the cookie. It fits the session as it is now, so change that before. The
   * response is not stored by caches.
   * @throws TypeError without tokens, and if the request did not pass `activateSessions`
   */
  csrfToken(request: Request): string;
}

/** The same, where the application passes on the bodies that it has parsed. */
export interface CsrfBodyAccess<Request> extends CsrfAccess<Request> {
  /**
   * Checks the token in a parsed body: an object, FormData or URLSearchParams. Call it before the session is used. It does nothing
   * for a request that needs no token, and for one whose token has been checked.
   * @throws CsrfRefused @throws TypeError without tokens, and if the request did not pass `activateSessions`
   */
  checkCsrf(request: Request, body: unknown): void;
}

/** One call of `activateSessions`: what is the same for every framework. An adapter passes on requests and responses. */
export interface Activation<Kind extends OpenedSession, Request extends object>
  extends SessionAccess<Kind, Kind | undefined, object, Incoming>,
    CsrfAccess<object>,
    Pick<CsrfBodyAccess<Request>, 'checkCsrf'> {
  /** The option `property`, or its default. */
  readonly property: string;
  /** Whether `only` allows a session for this request. */
  isMeant(request: Request): boolean;
  /** Whether to open a session for this request: `only` allows it, and this activation has not done so already. */
  needsOpening(request: Request): boolean;
  /**
   * Opens the request's session and puts it in its place, by default a property of the request.
   * @throws TypeError if something else is there already
   * @throws CsrfRefused @throws StoreUnavailable; the request then has an empty session, which is neither stored nor sent
   */
  open(request: Request, exchange: Exchange): Visit<Kind> | Promise<Visit<Kind>>;
  /**
   * Saves the session and sets its response headers; call it right before the response's head is sent.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable; then no header was set
   */
  commit(exchange: Exchange, visit: Visit<Kind>): void | Promise<void>;
  /** Whether requests need CSRF tokens. */
  readonly hasTokens: boolean;
  /** Whether this request has no good CSRF token so far; `false` for one without a visit. */
  lacksToken(request: object): boolean;
  /** Whether a token in the body would do: there is none in the header. */
  needsBody(request: object): boolean;
  /** Instead of `commit`, for a response that cannot carry a credential: what would need one throws SessionHeadSent. */
  forgo(visit: Visit<Kind>): void;
  /** The session of a visit. The response then depends on it. */
  sessionOf(visit: Visit<Kind>): Kind | undefined;
  /** Makes a session of the application that of the request (`create: 'never'`). @throws TypeError @throws SessionError */
  assign(visit: Visit<Kind>, session: Kind): void;
}

/**
 * @param placeOf where the framework's applications find the session, if not in a property of the request
 * @throws TypeError naming the option that is wrong
 */
export function activate<Kind extends OpenedSession, Request extends object>(
  options: ActivateOptions<Kind, Request>,
  placeOf: PlaceOf<Kind, Request> = asProperty,
): Activation<Kind, Request> {
  const { lifecycle, guard, tokens, isPassive, isMeant, property, names } = readActivateOptions(options);
  const claims: readonly [Claim] = [{ names }];
  const key: unique symbol = Symbol(property);
  type Visited = object & { [key]?: Visit<Kind> };
  const refused = new WeakMap<Visit<Kind>, Visit<Kind>>();

  const visitOf = (request: Visited): Visit<Kind> => {
    const visit = request[key];
    if (visit === undefined) {
      throw new TypeError(
        'sessions: the request did not pass this activateSessions: install it before the route and before checkCsrf, pass the request or context that the framework gave, and check its option only',
      );
    }
    return visit;
  };

  const tokensOf = (method: string): TokenCheck => {
    if (tokens !== undefined) return tokens;
    throw new TypeError(`sessions.${method}: there are no CSRF tokens: set csrf: 'token' or csrf: { token: true }`);
  };

  /** A refused request has an empty session from then on, for error handlers. */
  const usable = (visit: Visit<Kind>): Visit<Kind> => {
    if (tokens === undefined) return visit;
    tokens.assertChecked(visit);
    if (!tokens.isRefused(visit)) return visit;
    const empty = refused.get(visit) ?? lifecycle.unopened(visit.exchange);
    refused.set(visit, empty);
    return empty;
  };

  const sessionOf = (visit: Visit<Kind>): Kind | undefined => {
    visit.isRead = true;
    return usable(visit).session;
  };
  const of = (request: object): Kind | undefined => sessionOf(visitOf(request));
  const assign = (visit: Visit<Kind>, session: Kind): void => {
    visit.isRead = true;
    lifecycle.adopt(usable(visit), session);
  };
  const place = placeOf(property, { get: of, set: (request, session) => assign(visitOf(request), session) });

  const attach = (request: Request & Visited, visit: Visit<Kind>): Visit<Kind> => {
    request[key] = visit;
    place.fill(request);
    return visit;
  };

  const begin = (request: Request & Visited, visit: Visit<Kind>): Visit<Kind> => {
    attach(request, visit);
    tokens?.begin(visit);
    return visit;
  };

  return {
    property,
    isMeant,
    needsOpening: (request: Request & Visited) => request[key] === undefined && isMeant(request),
    open(request, exchange) {
      if (place.isTaken(request)) throw takenError(property);
      addClaim(request, claims);
      // Error handlers ask who is signed in, too.
      const failed = (error: unknown): never => {
        attach(request, lifecycle.unopened(exchange));
        throw error;
      };
      let visit: Visit<Kind> | Promise<Visit<Kind>>;
      try {
        if (guard?.isExempt(request)) {
          const empty = lifecycle.unopened(exchange);
          tokens?.exempt(empty);
          return attach(request, empty);
        }
        visit = lifecycle.open(exchange, isPassive(request), guard?.refusalOf(exchange));
      } catch (error) {
        return failed(error);
      }
      return visit instanceof Promise ? visit.then((opened) => begin(request, opened), failed) : begin(request, visit);
    },
    commit(exchange, visit) {
      if (tokens === undefined) return lifecycle.commit(exchange, visit);
      if (tokens.isRefused(visit)) return tokens.settle(exchange, visit);
      const committed = lifecycle.commit(exchange, visit);
      tokens.conclude(visit);
      return committed instanceof Promise
        ? committed.then(() => tokens.settle(exchange, visit))
        : tokens.settle(exchange, visit);
    },
    csrfToken(request) {
      const checks = tokensOf('csrfToken');
      const visit = visitOf(request);
      visit.isRead = true;
      return checks.tokenFor(visit, lifecycle.lineageToSend(visit));
    },
    hasTokens: tokens !== undefined,
    lacksToken: ({ [key]: visit }: Visited) => visit !== undefined && tokens?.isMissing(visit) === true,
    needsBody: ({ [key]: visit }: Visited) => visit !== undefined && tokens?.isBodyNeeded(visit) === true,
    checkCsrf(request, body) {
      const checks = tokensOf('checkCsrf');
      if (!isMeant(request)) return;
      checks.checkBody(visitOf(request), body);
    },
    forgo(visit) {
      lifecycle.forgo(visit);
      tokens?.conclude(visit);
    },
    sessionOf,
    assign,
    of,
    read: (incoming) => lifecycle.read(incoming),
  };
}
