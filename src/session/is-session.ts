import { hasMethods } from '../lib/strict-options.js';
import type { SessionModel } from './session.js';

/** Whether a value is a session, of this copy of the package or another one. Only its own copy can reach its state. */
export function isSession(value: unknown): value is SessionModel<unknown, unknown> {
  return hasMethods(value, 'setUser', 'forClient', 'seal', 'follow');
}
