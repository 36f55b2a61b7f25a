import type { NotFoundReason } from '../errors.js';

/** Why a token is refused. A value and not an Error, so that refusing invalid tokens stays cheap. */
export class Refusal {
  readonly reason: NotFoundReason;
  readonly cause: unknown;

  constructor(reason: NotFoundReason, cause?: unknown) {
    this.reason = reason;
    this.cause = cause;
  }
}
