import { warn } from '../lib/warn.js';

/** How to change the attributes that cannot be assigned. */
export const OTHER_WAYS: ReadonlyMap<string, string> = new Map([
  ['uid', 'call setUser(user)'],
  ['id', 'call rotate()'],
  ['lineage', 'call setUser(user) with another user'],
  ['lastUpdate', 'call save()'],
  ['lastAccess', 'call save()'],
  ['created', 'call setUser(user) with another user'],
  ['authenticatedAt', 'call setUser(user)'],
]);

/** What to call instead of methods that sessions of express-session have. */
export const EXPRESS_WAYS: ReadonlyMap<string, string> = new Map([
  ['touch', 'remove the call: opening a session for a request updates lastAccess'],
  ['reload', 'to change the newest data, call session.update(change)'],
  ['resetMaxAge', 'remove the call: opening a session for a request updates lastAccess'],
]);

/** The same for methods that only sessions in a store have. */
export const STORE_WAYS: ReadonlyMap<string, string> = new Map([
  ['destroy', 'call session.revoke(), which ends a token; destroy needs a ServerSessionStorage'],
  [
    'regenerate',
    'call session.setUser(user) or session.rotate(), which give a new id; Passport, which calls regenerate, needs a ServerSessionStorage with authKey',
  ],
]);

const LIFETIME = 'call session.setLifetime({ idleTimeout, persistent }), in ms';
const COOKIE_READ =
  'session.cookie is empty: read session.getExpiry() and session.getTTL(), in ms; options of the cookie belong to activateSessions';
const COOKIE_OPTION = 'set it in the option cookie of activateSessions';

/** What to do instead of assigning to a property of `session.cookie`. */
const COOKIE_WAYS: ReadonlyMap<string, string> = new Map([
  ['maxAge', LIFETIME],
  ['originalMaxAge', LIFETIME],
  ['expires', LIFETIME],
  ...['secure', 'httpOnly', 'sameSite', 'domain', 'path', 'partitioned'].map((name): [string, string] => [
    name,
    COOKIE_OPTION,
  ]),
]);

/** Makes assignments to these properties throw a TypeError that says what to do instead. Reads are not affected. */
export function refuseAssignment(target: object, ways: ReadonlyMap<string, string>, label: string): void {
  for (const [name, way] of ways) {
    Object.defineProperty(target, name, {
      ...(Object.getOwnPropertyDescriptor(target, name) ?? { get: () => undefined, configurable: true }),
      set: () => {
        throw new TypeError(`${label}.${name} cannot be assigned: ${way}`);
      },
    });
  }
}

/**
 * Adds methods that throw a TypeError that says what to call instead. They only throw when called, because libraries
 * may check whether a method exists.
 */
export function refuseCalls(prototype: object, ways: ReadonlyMap<string, string>, label = 'session'): void {
  for (const [name, way] of ways) {
    const value = (): never => {
      throw new TypeError(`${label}.${name} is not available: ${way}`);
    };
    // Writable, so that the application can replace the method.
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}

/** Replaces the `session.cookie` of express-session. It has no values, and assignments say what to do instead. */
export function refuseCookie(prototype: object): void {
  const cookie = {};
  refuseAssignment(cookie, COOKIE_WAYS, 'session.cookie');
  Object.freeze(cookie);
  let isWarned = false;
  const get = (): object => {
    if (!isWarned) warn('SESSIONS_COOKIE_READ', COOKIE_READ);
    isWarned = true;
    return cookie;
  };
  Object.defineProperty(prototype, 'cookie', { get, configurable: true });
  refuseAssignment(prototype, new Map([['cookie', LIFETIME]]), 'session');
}
