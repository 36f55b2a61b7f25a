import type { Clock } from '../ports/clock.js';
import type { Guarantee } from '../ports/revocation-log.js';
import type { SessionEventEmitter, SessionFacts } from './events.js';

/** What committing a session came to, for whoever carries sids to the client. */
export type CommitResult =
  /** The client's copy is right as it is, or there is nothing to give it. */
  | { readonly outcome: 'unchanged' }
  /** The client must hold this sid from now on, until `expires` (ms timestamp or Infinity). */
  | {
      readonly outcome: 'issued';
      readonly sid: string;
      readonly expires: number;
      /** `undefined` = as the transport's own options say. */
      readonly persistent: boolean | undefined;
    }
  /** The session is over, and the client should forget its sid. */
  | { readonly outcome: 'ended' }
  /** The session was ended or replaced meanwhile: neither send nor clear anything, a newer credential may be on its way. */
  | { readonly outcome: 'withheld' };

/** @internal */
export const UNCHANGED: CommitResult = Object.freeze({ outcome: 'unchanged' });
/** @internal */
export const WITHHELD: CommitResult = Object.freeze({ outcome: 'withheld' });
/** @internal */
export const ENDED: CommitResult = Object.freeze({ outcome: 'ended' });

/** What a storage can do, for code that works with both kinds. */
export interface StorageAbilities {
  /** Whether sessions live in the token itself, so that no store is asked. */
  readonly stateless: boolean;
  /** How far ending a session reaches: that of the store, or of the RevocationList; 'none' for tokens without one. */
  readonly revocation: Guarantee | 'none';
  /** Whether a user's sessions can be listed. */
  readonly listOfUser: boolean;
}

/** How a request's session is opened. */
export interface OpenOptions {
  /** Whether this counts as activity, that is, moves lastAccess. Default true. */
  readonly touch?: boolean;
}

/** How a request's session is committed. */
export interface CommitOptions {
  /** Whether a new session is issued even when it holds nothing. Default false. */
  readonly eager?: boolean;
  /** Called with a sid before anything else takes effect; throws when a transport cannot carry it. */
  readonly assertFits?: (sid: string) => void;
}

/** What the HTTP lifecycle itself looks at in a session. */
export interface OpenedSession extends SessionFacts {
  readonly lastAccess: number;
  /** Whether the sid that opened it was replaced by another, which counts when both come at once. */
  readonly isReplaced?: boolean;
}

/** What the HTTP lifecycle needs of a storage; every storage here is one. */
export interface SessionSource<Kind extends OpenedSession> {
  readonly clock: Clock;
  readonly events: SessionEventEmitter;
  /** Whether a session may begin with empty sessionData: false when a schema demands more. */
  readonly acceptsEmpty: boolean;
  /** @throws SessionNotFound, SessionExpired, StoreUnavailable */
  get(sid: string, options?: OpenOptions): Kind | Promise<Kind>;
  /** A new session that nobody holds and nothing is stored of yet; with `withheld`, nothing ever will. */
  blank(options?: { readonly withheld?: boolean }): Kind;
  /**
   * Stores the session, or signs it, if it has changed; the result says what the client must receive.
   * @throws SessionDataInvalid, SessionTooLarge, StoreUnavailable
   */
  commit(session: Kind, options?: CommitOptions): CommitResult | Promise<CommitResult>;
}
