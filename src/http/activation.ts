import type { OpenedSession } from '../storage/session-source.js';
import { type ActivateOptions, readActivateOptions } from './activate-options.js';
import type { Exchange, Incoming } from './exchange.js';
import type { Visit } from './lifecycle.js';

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

/** One call of `activateSessions`: what is the same for every framework. An adapter passes on requests and responses. */
export interface Activation<Kind extends OpenedSession, Request extends object>
  extends SessionAccess<Kind, Kind | undefined, object, Incoming> {
  /** The property of the request that holds the session. */
  readonly property: string;
  /** Whether to open a session for this request: `only` allows it, and this activation has not done so already. */
  needsOpening(request: Request): boolean;
  /**
   * Opens the request's session and makes it a property of the request.
   * @throws TypeError if the request has that property already
   * @throws CsrfRefused @throws StoreUnavailable; the request then has an empty session, which is neither stored nor sent
   */
  open(request: Request, exchange: Exchange): Visit<Kind> | Promise<Visit<Kind>>;
  /**
   * Saves the session and sets its response headers; call it right before the response's head is sent.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable; then no header was set
   */
  commit(exchange: Exchange, visit: Visit<Kind>): void | Promise<void>;
  /** Instead of `commit`, for a response that cannot carry a credential: what would need one throws SessionHeadSent. */
  forgo(visit: Visit<Kind>): void;
}

/** @throws TypeError naming the option that is wrong */
export function activate<Kind extends OpenedSession, Request extends object>(
  options: ActivateOptions<Kind, Request>,
): Activation<Kind, Request> {
  const { lifecycle, guard, isPassive, isMeant, property } = readActivateOptions(options);
  const key: unique symbol = Symbol(property);
  type Visited = Request & { [key]?: Visit<Kind> };

  const visitOf = (request: object & { readonly [key]?: Visit<Kind> }): Visit<Kind> => {
    const visit = request[key];
    if (visit === undefined) {
      throw new TypeError(
        'sessions.of(request): the request did not pass this activateSessions: install it before the route, and check its option only',
      );
    }
    visit.isRead = true;
    return visit;
  };

  // One for all requests: a function of its own for each would cost more than looking the visit up.
  // Not configurable, so that a package which would define its own in its place, such as cookie-session, throws at once.
  const accessor: PropertyDescriptor & ThisType<Visited> = {
    configurable: false,
    enumerable: true,
    get() {
      return visitOf(this).session;
    },
    set(session: Kind) {
      lifecycle.adopt(visitOf(this), session);
    },
  };

  const attach = (request: Visited, visit: Visit<Kind>): Visit<Kind> => {
    request[key] = visit;
    Object.defineProperty(request, property, accessor);
    return visit;
  };

  return {
    property,
    needsOpening: (request: Visited) => request[key] === undefined && isMeant(request),
    open(request, exchange) {
      refuseTaken(request, property);
      // Error handlers ask who is signed in, too.
      const failed = (error: unknown): never => {
        attach(request, lifecycle.unopened(exchange));
        throw error;
      };
      try {
        if (guard?.isExempt(request)) return attach(request, lifecycle.unopened(exchange));
        const visit = lifecycle.open(exchange, isPassive(request), guard?.refusalOf(exchange));
        return visit instanceof Promise
          ? visit.then((opened) => attach(request, opened), failed)
          : attach(request, visit);
      } catch (error) {
        return failed(error);
      }
    },
    commit: (exchange, visit) => lifecycle.commit(exchange, visit),
    forgo: (visit) => lifecycle.forgo(visit),
    of: (request) => visitOf(request).session,
    read: (incoming) => lifecycle.read(incoming),
  };
}

/** Another session package would lose its session, or another activation the one of the routes outside. */
function refuseTaken(request: object, property: string): void {
  if (!(property in request)) return;
  let holder: object | null = request;
  while (holder !== null && !Object.hasOwn(holder, property)) holder = Reflect.getPrototypeOf(holder);
  const found = holder === null ? undefined : Object.getOwnPropertyDescriptor(holder, property);
  // A value of null or undefined is a placeholder, the request's own or an inherited one.
  if (found !== undefined && 'value' in found && (found.value ?? undefined) === undefined) return;
  throw takenProperty(property);
}

/** The error for a property that is another session's. */
export function takenProperty(property: string): TypeError {
  return new TypeError(
    `activateSessions: the request already has a property ${JSON.stringify(property)}, of another session package or another activateSessions: remove that one, or set the option property`,
  );
}
