import { isPlainObject } from '../lib/json.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { callback, kind, oneOf } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import type { OpenedSession, SessionSource } from '../storage/session-source.js';
import { ACTIVATE_CURES } from './activate-cures.js';
import { atOnce } from './at-once.js';
import { CsrfGuard } from './csrf/guard.js';
import { type CsrfOption, readCsrfOption, wrongCsrfOption } from './csrf/options.js';
import { TokenCheck } from './csrf/token-check.js';
import type { IdentityCookie } from './identity-cookie.js';
import { type IdentityOptions, readIdentityOption } from './identity-options.js';
import { type CreatePolicy, Lifecycle } from './lifecycle.js';
import { propertyOption } from './property-option.js';
import { CookieTransport } from './transports/cookie.js';
import type { CookieOptions } from './transports/cookie-options.js';
import { type HeaderOptions, HeaderTransport } from './transports/header.js';

/** The options of `activateSessions`, the same for every framework. */
export interface ActivateOptions<Kind extends OpenedSession, Request, Create extends CreatePolicy = CreatePolicy> {
  /** Where sessions are kept: a SessionStorage (tokens) or a ServerSessionStorage (a store). */
  readonly sessionStorage: SessionSource<Kind>;
  /**
   * Sends the sid in a cookie: `true` for one named `sid`, a name, or options. Default `false`. At least one of `cookie` and
   * `header` must be set.
   */
  readonly cookie?: boolean | string | CookieOptions | undefined;
  /**
   * Sends the sid in a header: `true` for `X-Session-Id`, a name, or options. Default `false`. If a request has the header,
   * its cookie is ignored.
   */
  readonly header?: boolean | string | HeaderOptions | undefined;
  /**
   * What a request without a session gets. `'lazy'` (default): an empty session, sent once it has data or a user. `'eager'`: an
   * empty session, sent at once. `'never'`: none, until the application assigns one that it made with `create()`.
   */
  readonly create?: Create | undefined;
  /**
   * Sends a cookie with a short-lived JWT of the signed-in user, for other services. Default `false`. Needs `cookie`. It is never
   * read as a credential here.
   */
  readonly identity?: false | IdentityOptions | undefined;
  /**
   * How requests that other sites forge are kept out. `'origin'` (default with `cookie`): a request that may change something,
   * other than GET, HEAD and OPTIONS, is refused with CsrfRefused if a page of another origin sent it. `'token'`: it needs a token,
   * too. Options: the same, with exceptions. `false`: no check. Clients that use the option `header` pass, because other sites
   * cannot send that header.
   */
  readonly csrf?: CsrfOption<Request>;
  /** Returns true for requests that do not count as activity, such as polling and health checks. Default: none. */
  readonly passive?: ((request: Request) => boolean) | undefined;
  /** Returns true for requests that have a session. Default: all. */
  readonly only?: ((request: Request) => boolean) | undefined;
  /** The property of the request that holds the session. Default `'session'`. */
  readonly property?: string | undefined;
}

/** The options once judged. */
export interface ActivateSettings<Kind extends OpenedSession, Request> {
  readonly lifecycle: Lifecycle<Kind>;
  /** `undefined`: requests are not checked. */
  readonly guard: CsrfGuard<Request> | undefined;
  /** `undefined`: requests need no token. */
  readonly tokens: TokenCheck | undefined;
  readonly isPassive: (request: Request) => boolean;
  readonly isMeant: (request: Request) => boolean;
  readonly property: string;
  /** The cookies and headers that responses set. */
  readonly names: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

const carrier = kind(
  (value): value is boolean | string | Options => ['boolean', 'string'].includes(typeof value) || isPlainObject(value),
  'expected true, a name, an object of options, or false',
).default(false);
const predicate = callback('expected a function of the request').optional();

/** The option `sessionStorage`. */
export const storageOption: Rule<object> = kind(isSource, (given) =>
  hasMethods(given, 'load', 'retire')
    ? 'expected a storage, got a store: pass new ServerSessionStorage({ store })'
    : 'expected a SessionStorage or a ServerSessionStorage',
);

const OPTIONS = new FieldsRule({
  sessionStorage: storageOption,
  cookie: carrier,
  header: carrier,
  create: oneOf(['lazy', 'eager', 'never'], "expected 'lazy', 'eager' or 'never'").default('lazy'),
  identity: kind(
    (value): value is false | Options => value === false || isPlainObject(value),
    'expected an object of options, or false',
  ).default(false),
  csrf: kind(
    (value): value is false | 'origin' | 'token' | Options =>
      value === false || value === 'origin' || value === 'token' || isPlainObject(value),
    "expected 'origin', 'token', an object of options, or false",
  ).optional(),
  passive: predicate,
  only: predicate,
  property: propertyOption,
});

/** @throws TypeError naming the option that is wrong */
export function readActivateOptions<Kind extends OpenedSession, Request>(
  options: ActivateOptions<Kind, Request>,
): ActivateSettings<Kind, Request> {
  if (isRequest(options)) {
    throw new TypeError(
      'activateSessions: expected options, got a request: call activateSessions(options) and pass on what it returns, as in app.use(activateSessions({ sessionStorage, cookie: true }))',
    );
  }
  const { create, property } = strictOptions('activateSessions', OPTIONS, options, ACTIVATE_CURES);
  const { sessionStorage, cookie = false, header = false, identity = false, csrf, passive, only } = options;
  if (cookie === false && header === false) {
    throw new TypeError(
      'activateSessions: neither cookie nor header is set, so no session can reach a client: set cookie: true for browsers, header: true for other clients, or both',
    );
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
  const identityCookie = identity === false ? undefined : readIdentityOption(identity, transports.cookie);
  if (identityCookie !== undefined) refuseSharedKeys(identityCookie, sessionStorage);
  const checks = readCsrfOption(csrf, cookie !== false);
  const tokens = checks?.token && transports.cookie && new TokenCheck(checks.token, transports.cookie, transports);
  if (tokens !== undefined && tokens.cookieName === identityCookie?.name) {
    throw wrongCsrfOption(['cookie'], 'must not be the name of the identity cookie');
  }
  const cookies = [transports.cookie?.rules.name, tokens?.cookieName, identityCookie?.name];
  return {
    names: [...cookies, transports.header?.varyOn.toLowerCase()].filter((name) => name !== undefined),
    guard: checks && new CsrfGuard(checks),
    tokens,
    lifecycle: new Lifecycle(sessionStorage, transports, create, identityCookie),
    isPassive: passive === undefined ? () => false : atOnce('passive', passive),
    isMeant: only === undefined ? () => true : atOnce('only', only),
    property,
  };
}

/** Other services have the keys of the identity cookie: with the storage's, they could make sessions. */
function refuseSharedKeys<Kind extends OpenedSession>({ keys }: IdentityCookie, source: SessionSource<Kind>): void {
  if (keys.some((key) => source.usesKey?.(key))) {
    throw new TypeError(
      'activateSessions: option identity.jwtSecret: must not be a key of the storage: whoever verifies identities could make sessions',
    );
  }
}

function isSource(value: unknown): value is object {
  return hasMethods(value, 'get', 'commit', 'blank');
}

/** Whether a framework called `activateSessions` itself, as it would a middleware. */
function isRequest(value: unknown): boolean {
  return typeof Reflect.get(Object(value), 'method') === 'string' && 'headers' in Object(value);
}
