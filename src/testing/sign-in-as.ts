import { SessionEnded } from '../errors.js';
import { knownOnly } from '../lib/known-only.js';
import { hasMethods } from '../lib/strict-options.js';
import { isSession } from '../session/is-session.js';
import type { SessionModel, SessionRef } from '../session/session.js';
import type { PlainUser, UserId, UserModel } from '../session/user.js';
import type { RevokeTarget } from '../storage/revocation/target.js';
import type { CommitResult } from '../storage/session-source.js';

/** The methods of a SessionStorage or ServerSessionStorage that `signInAs` uses. */
export interface SignInStorage<Kind, DataInput> {
  create(data?: DataInput): Kind | Promise<Kind>;
  commit(session: Kind): CommitResult | Promise<CommitResult>;
  revoke(target: RevokeTarget): Promise<unknown>;
}

/** Options of `signInAs`. */
export interface SignInOptions<DataInput> {
  /** The sessionData of the session. Default: none. */
  readonly data?: DataInput | undefined;
  /** The name of the cookie that `activateSessions` uses. Default `'sid'`; no cookie when `header` is given. */
  readonly cookie?: string | undefined;
  /** The name of the header that `activateSessions` uses; `true` = `X-Session-Id`. Default: no header. */
  readonly header?: true | string | undefined;
}

/** A signed-in client. It is also a reference to its session, for `check`, `update` and `revoke` of the storage. */
export interface SignedIn extends SessionRef {
  readonly uid: string;
  /** The client's credential. Valid until the session gets another one. */
  readonly sid: string;
  /** The headers to send with requests, such as `{ cookie: 'sid=...' }`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the session, as if from another device. @throws TypeError for tokens without `revocations` @throws StoreUnavailable */
  signOut(): Promise<void>;
}

type UserOf<Kind> = Kind extends SessionModel<infer _Data, infer User> ? User : never;

const NO_STORAGE = 'signInAs: the first argument must be a SessionStorage or a ServerSessionStorage';

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const PREFIX = /^__(?:Host-Http|Host|Http|Secure)-/;

/**
 * Signs a user in without the application's sign-in, for tests of routes that need a user. `user` is what `setUser` takes: an object, a
 * model, or an id.
 *
 * ```ts
 * const ada = await signInAs(sessionStorage, { _id: 'u1', userData: { name: 'Ada' } }, { cookie: '__Host-sid' });
 * await request(app).get('/me').set(ada.headers);
 * ```
 * A cookie whose name has a prefix such as `__Host-` is also sent without the prefix, because applications drop it on plain-HTTP loopback.
 * @throws TypeError when an option or the user id is wrong @throws SessionDataInvalid @throws StoreUnavailable
 * @throws SessionEnded when `maxSessionsPerUser` leaves no room
 */
export async function signInAs<Kind, DataInput>(
  sessionStorage: SignInStorage<Kind, DataInput>,
  user: PlainUser<UserOf<Kind>> | UserModel<UserOf<Kind>> | UserId,
  options: SignInOptions<DataInput> = {},
): Promise<SignedIn> {
  if (!hasMethods(sessionStorage, 'create', 'commit', 'revoke')) throw new TypeError(NO_STORAGE);
  knownOnly('signInAs', options, ['data', 'cookie', 'header']);
  const headersOf = carrier(options);
  const session = await sessionStorage.create(options.data);
  if (!isSession(session)) throw new TypeError(NO_STORAGE);
  session.setUser(typeof user === 'object' ? user : { _id: user });
  const { id, lineage, uid } = session;
  if (uid === undefined) throw new TypeError('signInAs: expected a user, such as "u1" or { _id: "u1", userData: {} }');
  const result = await sessionStorage.commit(session);
  if (result.outcome !== 'issued')
    throw new SessionEnded('too many sessions', 'signInAs got no credential: maxSessionsPerUser leaves no room');
  const { sid } = result;
  const signOut = async (): Promise<void> => void (await sessionStorage.revoke({ id, lineage }));
  return Object.freeze({ id, lineage, uid, sid, headers: headersOf(sid), signOut });
}

/** Returns what puts a sid into request headers. @throws TypeError for an invalid name */
function carrier({ header, cookie }: SignInOptions<unknown>): (sid: string) => Readonly<Record<string, string>> {
  const headerName = header === true ? 'X-Session-Id' : header;
  const cookieName = cookie ?? (headerName === undefined ? 'sid' : undefined);
  for (const [option, name] of Object.entries({ header: headerName, cookie: cookieName })) {
    const isName = name === undefined || (typeof name === 'string' && TOKEN.test(name));
    if (!isName) throw new TypeError(`signInAs: option ${option}: expected the name of a ${option}`);
  }
  const cookieNames = cookieName === undefined ? [] : [...new Set([cookieName, cookieName.replace(PREFIX, '')])];
  return (sid) =>
    Object.freeze({
      ...(headerName !== undefined && { [headerName]: sid }),
      ...(cookieNames.length > 0 && { cookie: cookieNames.map((name) => `${name}=${sid}`).join('; ') }),
    });
}
