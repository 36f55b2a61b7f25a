import type { SessionRef } from '../session/session.js';

/** A session of a user, for a device list. It identifies the session without being a credential. */
export interface SessionInfo extends SessionRef {
  readonly id: string;
  readonly lineage: string;
  /** `undefined` if nobody is signed in. */
  readonly uid: string | undefined;
  /** When the session was created or its user last changed: ms timestamp, as the next two. */
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  /** When the session expires if it is not used again: ms timestamp, or `Infinity`. */
  readonly expires: number;
  /** The description that the application stored in `session.info`; `{}` if there is none. */
  readonly info: Readonly<Record<string, unknown>>;
  /** Whether this session has the lineage of the one that was passed as `current`. */
  readonly isCurrent: boolean;
}

/** The part of it that a record or a session has. */
type Described = Omit<SessionInfo, 'uid' | 'expires' | 'info' | 'isCurrent'> & {
  readonly uid?: string | null | undefined;
};

export function infoOf(
  described: Described,
  expires: number,
  info: Readonly<Record<string, unknown>> | undefined,
  current: SessionRef | undefined,
): SessionInfo {
  const { id, lineage, uid, created, lastAccess, lastUpdate } = described;
  return Object.freeze({
    id,
    lineage,
    uid: uid ?? undefined,
    created,
    lastAccess,
    lastUpdate,
    expires,
    info: info ?? {},
    isCurrent: current?.lineage === lineage,
  });
}
