import type { RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { ExpressSessions } from '../adapters/express.js';
import { strictOptions } from '../lib/strict-options.js';
import type { OpenedSession } from '../storage/session-source.js';
import { type ControllerSessionsOptions, controllerSessions } from './controller-sessions.js';
import { guard } from './guard.js';
import { assertHandler, type Handler, passOn, reporting } from './handler.js';
import { type DestroySessionOptions, type Method, signOut } from './sign-out.js';

/** How a {@link Controller} places its routes. */
export interface ControllerOptions {
  /** What all its paths begin with, such as `/users`. Default none. */
  readonly urlPrefix?: string | undefined;
}

/** A route of a controller. */
export interface Route {
  /**
   * Lets only signed-in users pass; others are answered with this status and `{ error: true, code, errorMessage: reason }`.
   * On a route it replaces what the controller says; the last call counts.
   *
   * @param code default 401
   * @param reason default 'Not authorized'
   * @throws TypeError for a code that is no status from 400 to 599
   */
  onlyIfAuthenticated(code?: number, reason?: string): Route;
}

const OPTIONS = z.strictObject({
  urlPrefix: z
    .string()
    .regex(/^\/.*[^/]$/, 'expected a path that begins with "/" and does not end with it')
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
 * Handlers get Express's own request and response, and what they throw or reject with reaches the error handlers on
 * Express 4 as well as 5. {@link activateSessions} and {@link onlyIfAuthenticated} hold for all its routes, whichever was
 * said first, and for nothing else: requests that match none of them open no session.
 */
export class Controller {
  readonly #router: Router;
  readonly #urlPrefix: string;
  #sessions: RequestHandler | undefined;
  #guard: RequestHandler | undefined;

  /** @throws TypeError without a router: only the modules of `main` and `controllers` get one; or for a wrong option */
  constructor(applicationContext: { readonly router?: Router | undefined }, options: ControllerOptions = {}) {
    const router = applicationContext?.router;
    if (typeof router?.route !== 'function') {
      throw new TypeError(
        'new Controller(applicationContext): there is no router; the manifest names this module in "main" or "controllers" if it is to have one',
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
   * Gives every route of this controller `request.session`, and sends it back right before the response's head, on error
   * responses too.
   *
   * @returns the middleware, for its `of(request)` and `read(request)`, typed by the storage
   * @throws TypeError naming the option that is wrong, with neither cookie nor header, or when sessions are active already
   */
  activateSessions<Kind extends OpenedSession, AutoCreate extends boolean = true>(
    options: ControllerSessionsOptions<Kind, AutoCreate>,
  ): ExpressSessions<Kind, AutoCreate extends true ? Kind : Kind | undefined>;
  activateSessions<Kind extends OpenedSession>(
    options: ControllerSessionsOptions<Kind>,
  ): ExpressSessions<Kind, Kind | undefined> {
    if (this.#sessions !== undefined) throw new TypeError('controller.activateSessions: sessions are active already');
    const sessions = controllerSessions(options);
    this.#sessions = sessions;
    return sessions;
  }

  /**
   * A route that signs out: `before`, then the session is revoked, then `after` answers. An error of `after` is answered
   * with the session ended all the same.
   *
   * @throws TypeError naming the option that is wrong
   */
  destroySession(path: string, options: DestroySessionOptions = {}): Route {
    const { method, handler } = signOut(options);
    return this.#add(method, path, handler);
  }

  /** Guards all routes of this controller as {@link Route.onlyIfAuthenticated} guards one, its sign-out too. */
  onlyIfAuthenticated(code?: number, reason?: string): this {
    this.#guard = guard(code, reason);
    return this;
  }

  #add(method: Method, path: string, handler: Handler): Route {
    if (typeof path !== 'string' || !path.startsWith('/'))
      throw new TypeError('a path is a string that begins with "/"');
    assertHandler(`the handler of ${path}`, handler);
    let own: RequestHandler | undefined;
    const open: RequestHandler = (...args) => (this.#sessions ?? passOn)(...args);
    const admit: RequestHandler = (...args) => (own ?? this.#guard ?? passOn)(...args);
    this.#router.route(this.#urlPrefix + path)[method](open, admit, reporting(handler));
    const route: Route = {
      onlyIfAuthenticated(code, reason) {
        own = guard(code, reason);
        return route;
      },
    };
    return route;
  }
}
