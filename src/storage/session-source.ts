import type { KeyObject } from 'node:crypto';
import type { Clock } from '../ports/clock.js';
import type { Guarantee } from '../ports/revocation-log.js';
import type { SessionFollower, SidLife, Withheld } from '../session/session-state.js';
import type { SessionEventEmitter, SessionFacts } from './events.js';

/** The outcome of committing a session: what the response must send to the client. */
export type CommitResult =
  /** Send nothing: the client's sid and its expiry are still right, or the session is empty. */
  | { readonly outcome: 'unchanged' }
  /** Send this sid. It is valid until `expires` (ms timestamp, or `Infinity`). */
  | {
      readonly outcome: 'issued';
      readonly sid: string;
      readonly expires: number;
      /** Whether the cookie outlives the browser; `undefined` = the transport's options decide. */
      readonly persistent: boolean | undefined;
    }
  /** The session has ended: clear the client's sid. */
  | { readonly outcome: 'ended' }
  /**
   * The session was ended or replaced in the meantime. Send and clear nothing: a newer sid may be on its way to the
   * client.
   */
  | { readonly outcome: 'withheld' };

/** @internal */
export const UNCHANGED: CommitResult = Object.freeze({ outcome: 'unchanged' });
/** @internal */
export const WITHHELD: CommitResult = Object.freeze({ outcome: 'withheld' });
/** @internal */
export const ENDED: CommitResult = Object.freeze({ outcome: 'ended' });

/** What a storage supports, for code that works with both kinds. */
export interface StorageAbilities {
  /** Whether sessions are kept in tokens, without a store. */
  readonly stateless: boolean;
  /** How far ending a session reaches; 'none' for tokens without a RevocationList. */
  readonly revocation: Guarantee | 'none';
  /** Whether `listOfUser` is supported. */
  readonly listOfUser: boolean;
}

/** Options for opening a session. */
export interface OpenOptions {
  /** Whether this counts as activity and updates `lastAccess`. Default true. */
  readonly touch?: boolean;
}

/** Options for committing a session. */
export interface CommitOptions {
  /** Whether to issue a new session that has no data. Default false. */
  readonly eager?: boolean;
  /** Called with the sid before anything is stored or sent. Throws if it does not fit into its cookie or header. */
  readonly assertFits?: (sid: string) => void;
}

/** The parts of a session that the HTTP lifecycle reads. */
export interface OpenedSession extends SessionFacts {
  readonly lastAccess: number;
  readonly authenticatedAt: number | undefined;
  /** @internal Whether a commit issues nothing for it: it was made for this request, and has neither a user nor data of the application. */
  readonly isUnused?: boolean;
  /** Whether the session was ended or has expired, as far as this process knows. */
  readonly isEnded?: boolean;
  /** @internal How long the client may keep its sid; `undefined` before one is issued. */
  readonly sidLife?: SidLife | undefined;
  /** Whether another sid replaced the one that opened this session. If a request has both, the other one counts. */
  readonly isReplaced?: boolean;
  /** @internal */
  seal(): void;
  /** @internal */
  follow(follower: SessionFollower): void;
  /** @internal */
  withhold(how: Withheld): void;
}

/** What the HTTP lifecycle needs from a storage. */
export interface SessionSource<Kind extends OpenedSession> {
  readonly clock: Clock;
  readonly events: SessionEventEmitter;
  /** Whether a new session may have empty `sessionData`; false if the schema rejects `{}`. */
  readonly acceptsEmpty: boolean;
  /** @throws SessionNotFound, SessionExpired, StoreUnavailable */
  get(sid: string, options?: OpenOptions): Kind | Promise<Kind>;
  /** A new session that no client has and that is not stored yet. `withheld` says whether it may be; default 'no'. */
  blank(options?: { readonly withheld?: Withheld }): Kind;
  /**
   * Ends the session, stores it, signs a new token, or does nothing; the outcome says what the client must receive.
   * @throws SessionDataInvalid, SessionTooLarge, StoreUnavailable
   */
  commit(session: Kind, options?: CommitOptions): CommitResult | Promise<CommitResult>;
  /** @internal `commit`, without a promise if nothing has to wait for a backend. Absent if `commit` itself answers so. */
  commitNow?(session: Kind, options?: CommitOptions): CommitResult | Promise<CommitResult>;
  /**
   * @internal Settles a session whose response can carry nothing more; at once if there is nothing to do.
   * @throws SessionHeadSent if that loses a change @throws SessionDataInvalid, StoreUnavailable
   */
  commitLate(session: Kind): Promise<unknown> | undefined;
  /** @internal Ends the session of a sid that cannot be judged here, as far as it is known. @throws StoreUnavailable */
  endUndecided(sid: string): Promise<void>;
  /** @internal Whether it signs or verifies sessions with this key. Absent if it uses no keys. */
  usesKey?(key: KeyObject): boolean;
}
