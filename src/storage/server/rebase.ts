import { isSameJson } from '../../lib/json.js';
import type { ServerHandle } from './handle.js';
import type { RecordFacts } from './record-codec.js';

/**
 * Merges what others stored since, and makes it the base of later comparisons. What only they changed is taken over;
 * what only this request changed stays. If both changed a value, this request wins.
 * @returns the keys of `sessionData` and `userData` (as `userData.name`) that both changed to different values
 */
export function rebase<Data, User>(handle: ServerHandle<Data, User>, theirs: RecordFacts<Data, User>): string[] {
  const { state, stored } = handle;
  if (stored === undefined) return [];
  state.lastAccess = Math.max(state.lastAccess, theirs.lastAccess);
  state.lastUpdate = Math.max(state.lastUpdate, theirs.lastUpdate);
  if (state.lineage === theirs.lineage) {
    state.created = theirs.created;
    if (isSameJson(state.life, stored.life)) state.life = theirs.life;
    if (isSameJson(state.info, stored.info)) state.info = theirs.info;
    if (state.since === stored.since) state.since = theirs.since;
    if (state.authenticatedAt === stored.authenticatedAt) state.authenticatedAt = theirs.authenticatedAt;
  }
  handle.stored = theirs;
  const contested = state.sessionData.rebase(theirs.sessionData);
  // The userData of another user must not be merged.
  if (state.uid !== theirs.uid) return contested;
  return [...contested, ...state.userData.rebase(theirs.userData).map((key) => `userData.${key}`)];
}
