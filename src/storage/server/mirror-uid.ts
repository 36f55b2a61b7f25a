import { PassportSession } from '../../session/passport-session.js';
import type { AuthKey } from './auth-key.js';
import type { ServerHandle } from './handle.js';

/**
 * Reads back what the application put at `authKey` and signs in or out accordingly, unless `setUser` was called, which wins; then has
 * the data say who is signed in.
 * @throws TypeError when it put something there that can name no user
 */
export function mirrorUid<Data, User>(handle: ServerHandle<Data, User>, authKey: AuthKey | undefined): void {
  const { state, session, mirrored } = handle;
  if (authKey === undefined || state.revoked !== undefined) return;
  if (session instanceof PassportSession) session.gather();
  const isSetUser = state.uid !== mirrored.uid || state.authenticatedAt !== mirrored.authenticatedAt;
  if (!isSetUser && !state.sessionData.isTouched) return;
  const data = state.sessionData.value;
  const value = asText(authKey.read(data));
  if (!isSetUser && value !== mirrored.value) setUserTo(value);
  authKey.write(data, state.uid);
  handle.noteMirrored();

  function setUserTo(uid: unknown): void {
    if (uid === undefined || uid === null || uid === false) session.setUser(null);
    else if (typeof uid === 'string') session.setUser(uid);
    else throw new TypeError('authKey: what sessionData has there must be the id of a user: a string or a number');
  }
}

/** A number names the same user as its digits do. */
function asText(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}
