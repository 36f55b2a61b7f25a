import type { Clock } from '../ports/clock.js';
import type { Bounds, Lifetime } from './expiry.js';
import type { SessionState } from './session-state.js';

/** What a session asks of the storage it belongs to. */
export interface SessionHost<Data, User> {
  readonly clock: Clock;
  readonly bounds: Bounds;
  /** A new identity for this session; who issues its sid keeps what belongs to it. */
  newId(state: SessionState<Data, User>): string;
  /** The `since` of a session whose lineage gets its user now. */
  since(uid: string | undefined, now: number): number;
  /** May begin a new lineage. @throws TypeError when the session may not be given such a life any more */
  admitLifetime(state: SessionState<Data, User>, life: Lifetime | undefined): void;
  /**
   * Judges a change made after the head of the response was sent.
   * @param what the method or property
   * @param isCredential whether the client would have to receive a new credential
   * @throws SessionHeadSent if the change would be lost
   */
  admitLate(state: SessionState<Data, User>, what: string, isCredential: boolean): void;
  /** The sid that the client is to hold. */
  forClient(state: SessionState<Data, User>): string;
}
