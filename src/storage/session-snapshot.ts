import { SessionData } from '../session/session-data.js';
import type { Origin, SessionFields, SessionState } from '../session/session-state.js';

/**
 * A session as it is read from, or written to, a token or a record.
 *
 * Functions that make one list the fields: V8 gives an object that begins with a spread its own hidden class, and
 * reading such an object in every request is slow.
 */
export interface SessionSnapshot<Data, User> extends Readonly<SessionFields> {
  /** When the token or record expires: ms timestamp, or `Infinity`. */
  readonly expires: number;
  readonly sessionData: Data & object;
  readonly userData: Partial<User> & object;
  /** Whether `migrate` converted the data, so that it must be written. */
  readonly migrated: boolean;
}

/** A snapshot of the present state. The data has been accepted by its schema. */
export function snapshotOf<Data, User>(
  state: SessionState<Data, User>,
  expires: number,
  sessionData: Data & object,
  userData: Partial<User> & object,
): SessionSnapshot<Data, User> {
  const { id, lineage, uid, created, lastAccess, lastUpdate, since, authenticatedAt, life, info } = state;
  return {
    id,
    lineage,
    uid,
    created,
    lastAccess,
    lastUpdate,
    since,
    authenticatedAt,
    life,
    info,
    expires,
    sessionData,
    userData,
    migrated: false,
  };
}

/** The origin of a session that this sid opens. */
export function originOf(sid: string, snapshot: Omit<Origin, 'sid'>): Origin {
  const { id, lineage, uid, created, lastAccess, lastUpdate, since, life, expires } = snapshot;
  return { sid, id, lineage, uid, created, lastAccess, lastUpdate, since, life, expires };
}

/** The state of a session at the start of a request. `origin`: `undefined` if no client has its sid. */
export function beginState<Data, User>(
  snapshot: SessionSnapshot<Data, User>,
  lastAccess: number,
  origin: Origin | undefined,
): SessionState<Data, User> {
  return {
    id: snapshot.id,
    lineage: snapshot.lineage,
    uid: snapshot.uid,
    created: snapshot.created,
    lastAccess,
    lastUpdate: snapshot.lastUpdate,
    since: snapshot.since,
    authenticatedAt: snapshot.authenticatedAt,
    life: snapshot.life,
    info: snapshot.info,
    sessionData: new SessionData('sessionData', snapshot.sessionData),
    userData: new SessionData('userData', snapshot.userData),
    origin,
    changed: false,
    migrated: snapshot.migrated,
    lazy: false,
    proved: false,
    withheld: 'no',
    sealed: false,
    follower: undefined,
    revoked: undefined,
    force: 'DoNotForceInvalidate',
  };
}

/** The state of a new session without a user. */
export function newState<Data, User>(
  id: string,
  sessionData: Data & object,
  now: number,
  since: number,
): SessionState<Data, User> {
  const snapshot: SessionSnapshot<Data, User> = {
    id,
    lineage: id,
    uid: undefined,
    created: now,
    lastAccess: now,
    lastUpdate: now,
    since,
    authenticatedAt: undefined,
    life: undefined,
    info: undefined,
    expires: Number.POSITIVE_INFINITY,
    sessionData,
    userData: {},
    migrated: false,
  };
  return beginState(snapshot, now, undefined);
}
