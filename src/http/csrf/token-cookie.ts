import { CookieTransport } from '../transports/cookie.js';
import type { CookieRules } from '../transports/cookie-rules.js';
import { wrongCsrfOption } from './options.js';

/** Prefixes that keep scripts from reading a cookie, and the same without that. */
const READABLE: Readonly<Record<string, string>> = { '__Host-Http-': '__Host-', '__Http-': '__Secure-' };
const UNREADABLE = /^__(?:host-)?http-/i;

/**
 * The cookie that scripts read the token from: the scope and protection of the session cookie, as far as scripts can still read it.
 * @throws TypeError if the name cannot be used
 */
export function tokenCookie(name: string | undefined, session: CookieRules): CookieTransport {
  if (name !== undefined && UNREADABLE.test(name)) {
    throw wrongCsrfOption(['cookie'], 'must not have a prefix that keeps scripts from reading it');
  }
  const prefix = session.name.slice(0, session.name.length - session.bareName.length);
  const chosen = name ?? `${READABLE[prefix] ?? prefix}csrf`;
  const { secure, sameSite, scope } = session;
  const { path, domain, partitioned } = scope;
  const options = { path, domain, partitioned, secure, sameSite, httpOnly: false, persistent: false };
  const cookie = new CookieTransport({ ...options, name: chosen }, 'cookie of the CSRF token');
  // Prefixes are dropped over plain HTTP on this machine.
  if (cookie.rules.bareName === session.bareName) {
    throw wrongCsrfOption(['cookie'], 'must not be the name of the session cookie');
  }
  return cookie;
}
