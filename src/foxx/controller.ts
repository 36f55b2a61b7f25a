import type { RequestHandler, Router } from 'express';
import type { ExpressSessions } from '../adapters/express.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { text } from '../lib/rules/kinds.js';
import { strictOptions } from '../lib/strict-options.js';
import type { OpenedSession } from '../storage/session-source.js';
import { type ControllerSessionsOptions, controllerSessions } from './controller-sessions.js';
import { guard } from './guard.js';
import { assertHandler, type Handler, passOn, reporting } from './handler.js';
import { type DestroySessionOptions, type Method, signOut } from './sign-out.js';

/** The options of a {@link Controller}. */
export interface ControllerOptions {
  /** The prefix of all its paths, such as `/users`. Default: none. */
  readonly urlPrefix?: string | undefined;
}

/** A route of a controller. */
export interface Route {
  /**
   * Lets only signed-in users pass. Other requests get this status and `{ error: true, code, errorMessage: reason }`.
   * On a route it overrides that of the controller. The last call counts.
   *
   * @param code default 401
   * @param reason default 'Not authorized'
   * @throws TypeError for a code that is not a status from 400 to 599, or a reason that is not a string
   */
  onlyIfAuthenticated(code?: number, reason?: string): Route;
}

const OPTIONS = new FieldsRule({
  urlPrefix: text()
    .check((path) => /^\/.*[^/]$/.test(path), 'expected a path that begins with "/" and does not end with it')
    .optional(),
});

/**
 * Routes and sessions of a service's module, over the Express router that its `applicationContext` carries.
 *
 * ```ts
 * const controller = new Controller(applicationContext);
 * controller.activateSessions({ sessionStorage, cookie: true, header: true });
 * controller.get('/me', (request, response) => response.json(request.session.userData)).onlyIfAuthenticated();
 * controller.destroySession('/sign-out');
 * ```
 * Handlers get Express's own request and response. What they throw or reject with reaches the error handlers, on Express 4
 * as well as 5. {@link activateSessions} and {@link onlyIfAuthenticated} apply to all routes of this controller, in whichever
 * order they are called, and to no others: a request that matches no route opens no session.
 */
export class Controller {
  readonly #router: Router;
  readonly #urlPrefix: string;
  #sessions: RequestHandler | undefined;
  #guard: RequestHandler | undefined;

  /** @throws TypeError if the context has no router (only modules of `main` and `controllers` have one), or for a wrong option */
  constructor(applicationContext: { readonly router?: Router | undefined }, options: ControllerOptions = {}) {
    const router = applicationContext?.router;
    if (typeof router?.route !== 'function') {
      throw new TypeError(
        'new Controller(applicationContext): the context has no router; name this module in "main" or "controllers" of the manifest, and pass on the context that it is called with',
      );
    }
    this.#router = router;
    this.#urlPrefix = strictOptions('Controller', OPTIONS, options).urlPrefix ?? '';
  }

  /** Adds a GET route; `path` is relative to the controller's. */
  get(path: string, handler: Handler): Route {
    return this.#add('get', path, handler);
  }

  /** Adds a POST route; `path` is relative to the controller's. */
  post(path: string, handler: Handler): Route {
    return this.#add('post', path, handler);
  }

  /** Adds a PUT route; `path` is relative to the controller's. */
  put(path: string, handler: Handler): Route {
    return this.#add('put', path, handler);
  }

  /** Adds a PATCH route; `path` is relative to the controller's. */
  patch(path: string, handler: Handler): Route {
    return this.#add('patch', path, handler);
  }

  /** Adds a DELETE route; `path` is relative to the controller's. */
  delete(path: string, handler: Handler): Route {
    return this.#add('delete', path, handler);
  }

  /** A route for every method. */
  all(path: string, handler: Handler): Route {
    return this.#add('all', path, handler);
  }

  /**
   * Gives every route of this controller `request.session`. It is saved and sent right before the response's head, on error
   * responses too.
   *
   * @returns the middleware, for its `of(request)` and `read(request)`, typed by the storage
   * @throws TypeError naming the option that is wrong, if neither cookie nor header is set, or if called twice
   */
  activateSessions<Kind extends OpenedSession, AutoCreate extends boolean = true>(
    options: ControllerSessionsOptions<Kind, AutoCreate>,
  ): ExpressSessions<Kind, AutoCreate extends true ? Kind : Kind | undefined>;
  activateSessions<Kind extends OpenedSession>(
    options: ControllerSessionsOptions<Kind>,
  ): ExpressSessions<Kind, Kind | undefined> {
    if (this.#sessions !== undefined) {
      throw new TypeError('controller.activateSessions: called already; one call is for all routes of the controller');
    }
    const sessions = controllerSessions(options);
    this.#sessions = sessions;
    return sessions;
  }

  /**
   * Adds a route that signs out: it calls `before`, revokes the session, then calls `after`, which responds. If `after`
   * throws, the session is ended all the same.
   *
   * @throws TypeError naming the option that is wrong
   */
  destroySession(path: string, options: DestroySessionOptions = {}): Route {
    const { method, handler } = signOut(options);
    return this.#add(method, path, handler);
  }

  /** {@link Route.onlyIfAuthenticated} for all routes of this controller, its sign-out too. */
  onlyIfAuthenticated(code?: number, reason?: string): this {
    this.#guard = guard(code, reason);
    return this;
  }

  #add(method: Method, path: string, handler: Handler): Route {
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw new TypeError(`controller.${method}(path, handler): path must be a string that begins with "/"`);
    }
    assertHandler(`controller.${method}(${JSON.stringify(path)}, handler)`, handler);
    let own: RequestHandler | undefined;
    const open: RequestHandler = (...args) => (this.#sessions ?? passOn)(...args);
    const authorize: RequestHandler = (...args) => (own ?? this.#guard ?? passOn)(...args);
    this.#router.route(this.#urlPrefix + path)[method](open, authorize, reporting(handler));
    const route: Route = {
      onlyIfAuthenticated(code, reason) {
        own = guard(code, reason);
        return route;
      },
    };
    return route;
  }
}
