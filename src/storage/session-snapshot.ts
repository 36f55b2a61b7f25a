import type { Lifetime, Timestamps } from '../session/expiry.js';
import { SessionData } from '../session/session-data.js';
import type { Origin, SessionState } from '../session/session-state.js';

/** What a session begins a request with: what its token or record says of it, or what a new one is. */
export interface Beginning<Data, User> extends Timestamps {
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly since: number;
  readonly authenticatedAt: number | undefined;
  readonly life: Lifetime | undefined;
  readonly info: Readonly<Record<string, unknown>> | undefined;
  readonly sessionData: Data & object;
  readonly userData: Partial<User> & object;
  /** Whether the data came from an older shape, and want writing. */
  readonly migrated: boolean;
}

/** The state of a session that somebody holds already. */
export function beginState<Data, User>(
  facts: Beginning<Data, User>,
  lastAccess: number,
  origin: Origin | undefined,
): SessionState<Data, User> {
  return {
    id: facts.id,
    lineage: facts.lineage,
    uid: facts.uid,
    created: facts.created,
    lastAccess,
    lastUpdate: facts.lastUpdate,
    since: facts.since,
    authenticatedAt: facts.authenticatedAt,
    life: facts.life,
    info: facts.info,
    sessionData: new SessionData('sessionData', facts.sessionData),
    userData: new SessionData('userData', facts.userData),
    origin,
    changed: false,
    migrated: facts.migrated,
    lazy: false,
    withheld: false,
    revoked: undefined,
    force: 'DoNotForceInvalidate',
  };
}

/** The state of a new session, signed in as nobody. */
export function newState<Data, User>(
  id: string,
  sessionData: Data & object,
  now: number,
  since: number,
): SessionState<Data, User> {
  const facts: Beginning<Data, User> = {
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
    sessionData,
    userData: {},
    migrated: false,
  };
  return beginState(facts, now, undefined);
}
