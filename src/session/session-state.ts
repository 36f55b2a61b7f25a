import type { Lifetime } from './expiry.js';
import type { SessionData } from './session-data.js';

/** A session without its data: its ids, its user, its times (ms timestamps) and its own settings. */
export interface SessionFields {
  id: string;
  lineage: string;
  uid: string | undefined;
  created: number;
  lastAccess: number;
  lastUpdate: number;
  /** When the session got its user. A revocation of all sessions of the user applies if its `before` is not earlier. */
  since: number;
  authenticatedAt: number | undefined;
  life: Lifetime | undefined;
  info: Readonly<Record<string, unknown>> | undefined;
}

/** The sid that opened a session, and the session as it was then. */
export interface Origin extends Readonly<Omit<SessionFields, 'authenticatedAt' | 'info'>> {
  readonly sid: string;
  /** The expiry that the client knows: ms timestamp, or `Infinity`. */
  readonly expires: number;
}

/** How long a client may keep its sid. */
export interface SidLife {
  /** When it expires: ms timestamp, or `Infinity`. */
  readonly expires: number;
  /** Whether the cookie outlives the browser; `undefined` = the transport's options decide. */
  readonly persistent: boolean | undefined;
}

/** The argument of `forceInvalidate`, with the names of serversession. */
export type ForceInvalidate = 'CurrentSessionId' | 'AllSessionIdsOfLoggedUser' | 'DoNotForceInvalidate';

export const FORCES: ReadonlySet<string> = new Set<ForceInvalidate>([
  'CurrentSessionId',
  'AllSessionIdsOfLoggedUser',
  'DoNotForceInvalidate',
]);

/** The request that a session was opened for. */
export interface SessionFollower {
  /** The application uses the session's data, or changes the session. */
  used(): void;
  /** The application ended the session after the head of the response was sent. */
  revokedLate(): void;
}

/**
 * Whether nothing is stored or sent for a session:
 * - `until-decided`: the client may have a good credential that cannot be judged here; a sign-in or sign-out replaces it;
 * - `until-sign-in`: its session has just ended, and a newer credential may be on its way to the client.
 */
export type Withheld = 'no' | 'yes' | 'until-decided' | 'until-sign-in';

/** The whole state of a session. Only storages read and write it. */
export interface SessionState<Data, User> extends SessionFields {
  readonly sessionData: SessionData<Data>;
  readonly userData: SessionData<Partial<User>>;
  /** `undefined` for a session that no sid opened and that was not committed yet. */
  origin: Origin | undefined;
  /** Whether the application changed anything besides the two data objects and the id. */
  changed: boolean;
  /** Whether its user signed in again, so that the credential from before must end at once (OWASP ASVS 7.2.4). */
  proved: boolean;
  /** Whether `migrate` converted the data. */
  migrated: boolean;
  /** Whether the session was made for a request, so that it is issued only once it has data or a user. */
  lazy: boolean;
  withheld: Withheld;
  /** The head of its response was sent: no new credential can reach the client. */
  sealed: boolean;
  /** `undefined` for a session that belongs to no request. */
  follower: SessionFollower | undefined;
  /** The reason of `revoke`; `undefined` while the session is not revoked. */
  revoked: string | undefined;
  force: ForceInvalidate;
}

/** How long the client may keep the session's sid; `undefined` before one is issued. */
export function sidLifeOf<Data, User>({ origin, life }: SessionState<Data, User>): SidLife | undefined {
  return origin && { expires: origin.expires, persistent: life?.persistent };
}

/** Whether nothing may be stored or sent for the session. */
export function isWithheld({
  withheld,
  uid,
  revoked,
}: Pick<SessionState<unknown, unknown>, 'withheld' | 'uid' | 'revoked'>): boolean {
  if (withheld === 'no' || withheld === 'yes') return withheld === 'yes';
  return uid === undefined && !(withheld === 'until-decided' && revoked !== undefined);
}

/** Whether the application changed the session's content. @throws SessionDataInvalid */
export function isContentModified<Data, User>(state: SessionState<Data, User>): boolean {
  return state.changed || state.sessionData.isModified || state.userData.isModified;
}

/** Whether anything except `lastAccess` differs from what was loaded or last written. @throws SessionDataInvalid */
export function isModified<Data, User>(state: SessionState<Data, User>): boolean {
  return state.id !== (state.origin?.id ?? state.id) || state.migrated || isContentModified(state);
}

/** Whether the session was made for a request that did not use it. */
export function isUnused<Data, User>(state: SessionState<Data, User>): boolean {
  return state.lazy && state.origin === undefined && state.uid === undefined && !state.sessionData.isModified;
}
