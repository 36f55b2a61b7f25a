import { spellPath } from '../lib/path.js';

/** What to do instead of assigning to names that applications of other session packages use. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['user', 'call session.setUser(user.id, userData), and read session.uid and session.userData'],
  ['userId', 'call session.setUser(id), and read session.uid'],
  ['passport', 'sessions for Passport need a ServerSessionStorage with the option authKey'],
]);

/**
 * Makes an assignment to a property that sessions do not have a TypeError, instead of a value that nothing saves. The proxy
 * comes last in the prototype chain, so that what sessions have is found before it and costs nothing more.
 *
 * @param keeps whether `session` takes the property itself
 */
export function refuseUnknown(prototype: object, keeps: (session: object) => boolean): void {
  const last = new Proxy(
    {},
    {
      set(_target, key, value, session: object) {
        if (typeof key === 'string' && keeps(session)) {
          return Reflect.defineProperty(session, key, { value, writable: true, enumerable: true, configurable: true });
        }
        throw new TypeError(`${spellPath(['session', key])} cannot be assigned: ${cureFor(key)}`);
      },
    },
  );
  Object.setPrototypeOf(prototype, last);
  // Each promise that resolves with a session looks for `then`. Without this, that look-up would go through the proxy.
  Object.defineProperty(prototype, 'then', { value: undefined });
}

function cureFor(key: PropertyKey): string {
  if (typeof key === 'symbol') return 'a session keeps no symbols';
  return NAMED.get(key.toString()) ?? `only sessionData is saved, write ${spellPath(['session.sessionData', key])}`;
}
