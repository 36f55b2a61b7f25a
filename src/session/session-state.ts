import type { Lifetime } from './expiry.js';
import type { SessionData } from './session-data.js';

/** What a session is besides its data: its names, its user, its times (ms timestamps) and what was set for it alone. */
export interface SessionFields {
  id: string;
  lineage: string;
  uid: string | undefined;
  created: number;
  lastAccess: number;
  lastUpdate: number;
  /** A revocation of all of the user's sessions does not match this one if it ends sessions up to an earlier instant. */
  since: number;
  authenticatedAt: number | undefined;
  life: Lifetime | undefined;
  info: Readonly<Record<string, unknown>> | undefined;
}

/** The credential from which a session was loaded, and what the session was then. */
export interface Origin extends Readonly<Omit<SessionFields, 'authenticatedAt' | 'info'>> {
  readonly sid: string;
  /** The expiry that the client knows: ms timestamp, or Infinity. */
  readonly expires: number;
}

/** What `forceInvalidate` asks for at commit (serversession's names). */
export type ForceInvalidate = 'CurrentSessionId' | 'AllSessionIdsOfLoggedUser' | 'DoNotForceInvalidate';

/** The request that a session was opened for. */
export interface SessionFollower {
  /** The application uses the session's data, or changes the session. */
  used(): void;
  /** The application ended the session after the head of the response was sent. */
  revokedLate(): void;
}

/** The whole state of a session. Storages read and write it; applications never see it. */
export interface SessionState<Data, User> extends SessionFields {
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
  /** The head of its response was sent: no new credential can reach the client. */
  sealed: boolean;
  /** `undefined` for a session that belongs to no request. */
  follower: SessionFollower | undefined;
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
