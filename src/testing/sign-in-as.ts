import { SessionEnded } from '../errors.js';
import { knownOnly } from '../lib/known-only.js';
import { SessionModel, type SessionRef } from '../session/session.js';
import type { PlainUser, UserId, UserModel } from '../session/user.js';
import type { RevokeTarget } from '../storage/revocation/target.js';
import type { CommitResult } from '../storage/session-source.js';

/** What `signInAs` needs of a storage: a SessionStorage and a ServerSessionStorage have it. */
export interface SignInStorage<Kind, DataInput> {
  create(data?: DataInput): Kind | Promise<Kind>;
  commit(session: Kind): CommitResult | Promise<CommitResult>;
  revoke(target: RevokeTarget): Promise<unknown>;
}

/** How `signInAs` signs in. */
export interface SignInOptions<DataInput> {
  /** The sessionData. Default: none. */
  readonly data?: DataInput | undefined;
  /** The name of the cookie, as `activateSessions` was given it. Default `'sid'`, or no cookie where there is a header. */
  readonly cookie?: string | undefined;
  /** The name of the header, for a client that uses one; `true` for `X-Session-Id`. Default: no header. */
  readonly header?: true | string | undefined;
}

/** A client that is signed in. It names its session too, for the storage's `check`, `update` and `revoke`. */
export interface SignedIn extends SessionRef {
  readonly uid: string;
  /** What the client holds: a credential, good until the session gets another one. */
  readonly sid: string;
  /** What it sends, such as `{ cookie: 'sid=...' }`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the session, as from another device. @throws TypeError for tokens without `revocations` @throws StoreUnavailable */
  signOut(): Promise<void>;
}

type UserOf<Kind> = Kind extends SessionModel<infer _Data, infer User> ? User : never;

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const PREFIX = /^__(?:Host-Http|Host|Http|Secure)-/;

/**
 * Signs a user in past the application, for tests of what it does for those who are signed in. `user` is what `setUser` takes: an object,
 * a model, or an id.
 *
 * ```ts
 * const ada = await signInAs(sessionStorage, { _id: 'u1', userData: { name: 'Ada' } }, { cookie: '__Host-sid' });
 * await request(app).get('/me').set(ada.headers);
 * ```
 * A cookie whose name has a prefix goes under its bare name too: on plain HTTP on this machine, an application looks for that one.
 * @throws TypeError when an option is wrong, or the id cannot name a user @throws SessionDataInvalid @throws StoreUnavailable
 * @throws SessionEnded when `maxSessionsPerUser` leaves it no room
 */
export async function signInAs<Kind, DataInput>(
  sessionStorage: SignInStorage<Kind, DataInput>,
  user: PlainUser<UserOf<Kind>> | UserModel<UserOf<Kind>> | UserId,
  options: SignInOptions<DataInput> = {},
): Promise<SignedIn> {
  knownOnly('signInAs', options, ['data', 'cookie', 'header']);
  const headersOf = carrier(options);
  const session = await sessionStorage.create(options.data);
  if (!(session instanceof SessionModel))
    throw new TypeError('signInAs takes a SessionStorage or a ServerSessionStorage');
  session.setUser(typeof user === 'object' ? user : { _id: user });
  const { id, lineage, uid } = session;
  if (uid === undefined) throw new TypeError('signInAs: expected a user');
  const result = await sessionStorage.commit(session);
  if (result.outcome !== 'issued') throw new SessionEnded('nobody could be signed in');
  const { sid } = result;
  const signOut = async (): Promise<void> => void (await sessionStorage.revoke({ id, lineage }));
  return Object.freeze({ id, lineage, uid, sid, headers: headersOf(sid), signOut });
}

/** Puts a sid where the application looks for it. @throws TypeError for a name that is none */
function carrier({ header, cookie }: SignInOptions<unknown>): (sid: string) => Readonly<Record<string, string>> {
  const headerName = header === true ? 'X-Session-Id' : header;
  const cookieName = cookie ?? (headerName === undefined ? 'sid' : undefined);
  for (const [option, name] of Object.entries({ header: headerName, cookie: cookieName })) {
    const isName = name === undefined || (typeof name === 'string' && TOKEN.test(name));
    if (!isName) throw new TypeError(`signInAs: option ${option}: expected a name`);
  }
  const cookieNames = cookieName === undefined ? [] : [...new Set([cookieName, cookieName.replace(PREFIX, '')])];
  return (sid) =>
    Object.freeze({
      ...(headerName !== undefined && { [headerName]: sid }),
      ...(cookieNames.length > 0 && { cookie: cookieNames.map((name) => `${name}=${sid}`).join('; ') }),
    });
}
