import { PassportSession } from '../../session/passport-session.js';
import type { AuthKey } from './auth-key.js';
import type { ServerHandle } from './handle.js';

/**
 * Applies what the application changed at `authKey`: signs that user in, or out if there is none. If `setUser` was
 * called, it wins. Then writes the session's uid to `authKey`.
 * @throws TypeError if the value at `authKey` is not a user id
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

/** A number and its decimal digits name the same user. */
function asText(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}
