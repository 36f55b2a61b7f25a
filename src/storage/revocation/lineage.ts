import type { SessionState } from '../../session/session-state.js';
import type { RevocationList } from './revocation-list.js';

/** The `since` of a session that gets its user at `instant`: no revocation known so far matches it. */
export function sinceOf(revocations: RevocationList | undefined, uid: string | undefined, instant: number): number {
  return revocations?.after(uid, instant) ?? instant;
}

/** Gives the survivor of a forced invalidation a new id and lineage, as serversession does. */
export function beginLineage<Data, User>(
  state: SessionState<Data, User>,
  id: string,
  revocations: RevocationList | undefined,
): void {
  state.id = id;
  state.lineage = id;
  // An earlier revocation of the user's sessions excepted the lineage that the session loses now.
  state.since = sinceOf(revocations, state.uid, state.since);
}
