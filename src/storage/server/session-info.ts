import type { SessionRef } from '../../session/session.js';

/** One of a user's sessions, as for a list of devices. Names it without being a credential. */
export interface SessionInfo extends SessionRef {
  readonly id: string;
  readonly lineage: string;
  /** `undefined` when nobody is signed in. */
  readonly uid: string | undefined;
  /** ms timestamps. `created`: when it began, or its user signed in. */
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  /** ms timestamp or Infinity: when it ends if nothing more happens. */
  readonly expires: number;
  /** What the application said of it with `session.info`, such as the device; `{}` when nothing. */
  readonly info: Readonly<Record<string, unknown>>;
  /** Whether it is the session given as `current`. */
  readonly isCurrent: boolean;
}

/** What a record or session has of all that. */
type Described = Omit<SessionInfo, 'uid' | 'expires' | 'info' | 'isCurrent'> & {
  readonly uid?: string | null | undefined;
};

/** What a list says of one session. */
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
