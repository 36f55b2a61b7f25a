import type { Clock } from '../ports/clock.js';
import type { Bounds, Lifetime } from './expiry.js';
import type { SessionState } from './session-state.js';

/** What a session needs from its storage. */
export interface SessionHost<Data, User> {
  readonly clock: Clock;
  readonly bounds: Bounds;
  /** Returns a new id for this session, and keeps the sid that belongs to it. */
  newId(state: SessionState<Data, User>): string;
  /** Returns the `since` of a session that gets its user now. */
  since(uid: string | undefined, now: number): number;
  /** Checks a lifetime for `setLifetime`. May start a new lineage. @throws TypeError if the session may not get it */
  admitLifetime(state: SessionState<Data, User>, life: Lifetime | undefined): void;
  /**
   * Judges a change made after the head of the response was sent.
   * @param what the method or property
   * @param isCredential whether the client would have to receive a new credential
   * @throws SessionHeadSent if the change would be lost
   */
  admitLate(state: SessionState<Data, User>, what: string, isCredential: boolean): void;
  /** Whether the session was ended, as far as this process knows. */
  isKnownToBeOver(state: SessionState<Data, User>): boolean;
  /** Only of tokens, whose end nothing but the revocation list knows. @throws RevocationsStale if that is too old to tell */
  checkFresh?(): void;
  /** Returns the sid to send to the client. */
  forClient(state: SessionState<Data, User>): string;
}
