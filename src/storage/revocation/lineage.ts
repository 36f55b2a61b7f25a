import type { SessionState } from '../../session/session-state.js';
import type { RevocationList } from './revocation-list.js';

/** The `since` of a session that gets its user at `instant`: later than every known revocation that would match it. */
export function sinceOf(revocations: RevocationList | undefined, uid: string | undefined, instant: number): number {
  return revocations?.after(uid, instant) ?? instant;
}

/** Gives the session that survives a forced invalidation a new id and lineage, as serversession does. */
export function beginLineage<Data, User>(
  state: SessionState<Data, User>,
  id: string,
  revocations: RevocationList | undefined,
): void {
  state.id = id;
  state.lineage = id;
  // An earlier revocation of the user's sessions may have excepted the old lineage. It must not match the new one.
  state.since = sinceOf(revocations, state.uid, state.since);
}
