import type { NotFoundReason } from '../errors.js';

/** Why a token is refused. A value and not an Error, so that refusing invalid tokens stays cheap. */
export class Refusal {
  readonly reason: NotFoundReason;
  readonly cause: unknown;
  /**
   * The latest time in a token that may be good in another process, or later: ms timestamp. `undefined` if it is good
   * nowhere.
   */
  readonly latest: number | undefined;

  constructor(reason: NotFoundReason, cause?: unknown, latest?: number) {
    this.reason = reason;
    this.cause = cause;
    this.latest = latest;
  }
}
