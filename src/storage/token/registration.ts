import type { Origin, SessionState } from '../../session/session-state.js';
import { nextOrder } from '../session-limit.js';
import type { Registered } from './registry-record.js';

/** What the registry must learn when a token is issued. */
export type Registration =
  /** A user has signed in. `left`: the lineage from which, if it has a record. */
  | { readonly kind: 'sign-in'; readonly session: Registered; readonly left: string | undefined }
  /** A session has a newer token. `isTouch`: only `lastAccess` and the expiry differ. */
  | {
      readonly kind: 'renewal';
      readonly session: Registered;
      readonly left: string | undefined;
      readonly isTouch: boolean;
    }
  /** The session has no user any more. */
  | { readonly kind: 'none'; readonly left: string };

/**
 * Returns what to register for a state that was just written; `undefined` if nobody is or was signed in. `before`: the
 * session as the request found it.
 */
export function registrationOf<Data, User>(
  state: SessionState<Data, User>,
  before: Origin | undefined,
  isForced: boolean,
  isChanged: boolean,
): Registration | undefined {
  const left = before?.uid !== undefined && before.lineage !== state.lineage ? before.lineage : undefined;
  const { uid } = state;
  if (uid === undefined) return left === undefined ? undefined : { kind: 'none', left };
  const { id, lineage, created, lastAccess, lastUpdate, since, life, info, origin } = state;
  const expires = origin?.expires ?? Number.POSITIVE_INFINITY;
  const isSignIn = before?.uid !== uid || (before.lineage !== lineage && !isForced);
  const order = isSignIn ? nextOrder() : 0;
  const session = { id, lineage, uid, created, lastAccess, lastUpdate, since, order, life, info, expires };
  if (isSignIn) return { kind: 'sign-in', session, left };
  return { kind: 'renewal', session, left, isTouch: !isChanged && before.id === id };
}
