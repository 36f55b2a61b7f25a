import { z } from 'zod';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import type { OpenedSession, SessionSource } from '../storage/session-source.js';
import { type CreatePolicy, Lifecycle } from './lifecycle.js';
import { CookieTransport } from './transports/cookie.js';
import type { CookieOptions } from './transports/cookie-options.js';
import { type HeaderOptions, HeaderTransport } from './transports/header.js';

/** What `activateSessions` takes, the same for every framework. */
export interface ActivateOptions<Kind extends OpenedSession, Request, Create extends CreatePolicy = CreatePolicy> {
  /** Where sessions come from. */
  readonly sessionStorage: SessionSource<Kind>;
  /** The sid in a cookie: `true` for one named `sid`, a name, or options. Default false. At least one of cookie and header. */
  readonly cookie?: boolean | string | CookieOptions | undefined;
  /** The sid in a header: `true` for `X-Session-Id`, a name, or options. Default false. A request with it is judged by it alone. */
  readonly header?: boolean | string | HeaderOptions | undefined;
  /**
   * When a request without a session gets one. 'lazy' (default): it has an empty one, which is issued once something is put
   * in it; 'eager': issued at once; 'never': it has none until the application assigns one it made.
   */
  readonly create?: Create | undefined;
  /** Which requests do not count as activity (polling, health checks). Default none. */
  readonly passive?: ((request: Request) => boolean) | undefined;
  /** Which requests have a session at all. Default all. */
  readonly only?: ((request: Request) => boolean) | undefined;
  /** The property of the request under which the session is found. Default 'session'. */
  readonly property?: string | undefined;
}

/** The options once judged. */
export interface Activation<Kind extends OpenedSession, Request> {
  readonly lifecycle: Lifecycle<Kind>;
  readonly isPassive: (request: Request) => boolean;
  readonly isMeant: (request: Request) => boolean;
  readonly property: string;
}

const carrier = z
  .union(
    [z.boolean(), z.string(), z.record(z.string(), z.unknown())],
    'expected true, a name, an object of options, or false',
  )
  .default(false);
const predicate = z.custom((value) => typeof value === 'function', 'expected a function of the request').optional();

const OPTIONS = z.strictObject({
  sessionStorage: z.custom(isSource, 'expected a SessionStorage'),
  cookie: carrier,
  header: carrier,
  create: z.enum(['lazy', 'eager', 'never']).default('lazy'),
  passive: predicate,
  only: predicate,
  property: z.string().min(1).default('session'),
});

/** @throws TypeError naming the option that is wrong */
export function readActivation<Kind extends OpenedSession, Request>(
  options: ActivateOptions<Kind, Request>,
): Activation<Kind, Request> {
  const { create, property } = strictOptions('activateSessions', OPTIONS, options);
  const { sessionStorage, cookie = false, header = false, passive, only } = options;
  if (cookie === false && header === false) {
    throw new TypeError('activateSessions: at least one of cookie and header must be set, or no session could travel');
  }
  if (create !== 'never' && !sessionStorage.acceptsEmpty) {
    throw new TypeError(
      "activateSessions: a request without a session gets an empty one, and the sessionData schema refuses {}: give its fields defaults, or set create: 'never'",
    );
  }
  const transports = {
    cookie: cookie === false ? undefined : new CookieTransport(cookie),
    header: header === false ? undefined : new HeaderTransport(header),
  };
  return {
    lifecycle: new Lifecycle(sessionStorage, transports, create),
    isPassive: passive ?? (() => false),
    isMeant: only ?? (() => true),
    property,
  };
}

function isSource(value: unknown): boolean {
  return hasMethods(value, 'get', 'commit', 'blank');
}
