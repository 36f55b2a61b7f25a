import type { Lifetime, Timestamps } from './expiry.js';
import type { SessionData } from './session-data.js';

/** The credential a session was loaded from, and who it was then. */
export interface Origin extends Timestamps {
  readonly sid: string;
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly since: number;
  readonly life: Lifetime | undefined;
  /** When the client was told it ends, ms; Infinity when never. */
  readonly expires: number;
}

/** What `forceInvalidate` asks for at commit (serversession's names). */
export type ForceInvalidate = 'CurrentSessionId' | 'AllSessionIdsOfLoggedUser' | 'DoNotForceInvalidate';

/** Everything a session is, apart from its behaviour: what storages read and write, and applications never see. */
export interface SessionState<Data, User> {
  id: string;
  lineage: string;
  uid: string | undefined;
  created: number;
  lastAccess: number;
  lastUpdate: number;
  /** ms: from when on a revocation of this user's sessions does not mean this one. */
  since: number;
  authenticatedAt: number | undefined;
  life: Lifetime | undefined;
  info: Readonly<Record<string, unknown>> | undefined;
  readonly sessionData: SessionData<Data>;
  readonly userData: SessionData<Partial<User>>;
  /** `undefined` until the session is first committed or when it was made by `create`. */
  origin: Origin | undefined;
  /** Something besides the two data objects and the id was changed by the application. */
  changed: boolean;
  /** Its data came in an older shape. */
  migrated: boolean;
  /** It was made for a request, and is worth issuing only once something is put in it. */
  lazy: boolean;
  /** Its writes go nowhere and nothing is sent for it: see `SessionSource.blank`. */
  withheld: boolean;
  /** Why it was revoked, once it was. */
  revoked: string | undefined;
  force: ForceInvalidate;
}

/** Whether the application changed the session's content. @throws SessionDataInvalid */
export function isContentModified<Data, User>(state: SessionState<Data, User>): boolean {
  return state.changed || state.sessionData.isModified || state.userData.isModified;
}

/** Whether anything but lastAccess differs from what the client holds. @throws SessionDataInvalid */
export function isModified<Data, User>(state: SessionState<Data, User>): boolean {
  return state.id !== (state.origin?.id ?? state.id) || state.migrated || isContentModified(state);
}

/** A session made for a request, into which the request put nothing. */
export function isUnused<Data, User>(state: SessionState<Data, User>): boolean {
  return state.lazy && state.origin === undefined && state.uid === undefined && !state.sessionData.isModified;
}
