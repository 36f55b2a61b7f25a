import type { NotFoundReason } from '../errors.js';
import type { SessionFields } from '../session/session-state.js';

/** Why a token of any kind is refused: the other reasons concern sessions. */
export type TokenReason = Exclude<NotFoundReason, 'invalid_data' | 'revoked' | 'superseded' | 'unknown'>;

/** Why a token is refused. A value and not an Error, so that refusing invalid tokens stays cheap. */
export class Refusal<Reason extends NotFoundReason = NotFoundReason> {
  readonly reason: Reason;
  readonly cause: unknown;
  /**
   * The latest time in a token that may be good in another process, or later: ms timestamp. `undefined` if it is good
   * nowhere.
   */
  readonly latest: number | undefined;
  /** The session of a token that is authentic, and is refused only here and now: what a sign-out ends. */
  readonly session: Readonly<SessionFields> | undefined;

  constructor(reason: Reason, cause?: unknown, latest?: number, session?: Readonly<SessionFields>) {
    this.reason = reason;
    this.cause = cause;
    this.latest = latest;
    this.session = session;
  }
}
