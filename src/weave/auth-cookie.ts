import type { IdentityCookie } from '../http/identity-cookie.js';
import type { SessionModel } from '../session/session.js';

/** The Set-Cookie line of the auth cookie for a session as it is now; the line that clears it if nobody is signed in. */
export function authCookieOf(
  cookie: IdentityCookie,
  session: SessionModel<unknown, unknown>,
  now: number,
  isSecure: boolean,
): string {
  const { uid, lineage, authenticatedAt } = session;
  // Browsers accept a prefixed name over TLS only, or this machine's names without the prefix.
  const channel = { isSecure: () => isSecure, isLoopback: () => !isSecure };
  return cookie.lineFor(channel, { uid, lineage, authenticatedAt, expires: session.getExpiry() }, now);
}
