import { isModified, type SessionState } from '../session/session-state.js';
import { factsOf, type SessionEventEmitter } from './events.js';
import { type CommitResult, WITHHELD } from './session-source.js';

/** Writes and sends nothing. Emits `refused-late-save` if a change is lost. */
export function withhold<Data, User>(state: SessionState<Data, User>, events: SessionEventEmitter): CommitResult {
  const isAsked = state.force !== 'DoNotForceInvalidate';
  if (isAsked || isModified(state)) events.emit('refused-late-save', factsOf(state));
  return WITHHELD;
}
