import { isModified, type SessionState } from '../session/session-state.js';
import { factsOf, type SessionEventEmitter } from './events.js';
import { type CommitResult, WITHHELD } from './session-source.js';

/** Whether the session has changes that were not committed. */
export function isLate<Data, User>(state: SessionState<Data, User>): boolean {
  return state.force !== 'DoNotForceInvalidate' || isModified(state);
}

/** Data that JSON cannot represent are lost, too. */
function isLost<Data, User>(state: SessionState<Data, User>): boolean {
  try {
    return isLate(state);
  } catch {
    return true;
  }
}

/** Writes and sends nothing. Emits `refused-late-save` if a change is lost. */
export function withhold<Data, User>(state: SessionState<Data, User>, events: SessionEventEmitter): CommitResult {
  if (isLost(state)) events.emit('refused-late-save', factsOf(state));
  return WITHHELD;
}
