import type { NotFoundReason } from '../errors.js';

/** Why a token is not taken. A value, not an Error: refusing must stay cheap for whoever is sent rubbish. */
export class Refusal {
  readonly reason: NotFoundReason;
  readonly cause: unknown;

  constructor(reason: NotFoundReason, cause?: unknown) {
    this.reason = reason;
    this.cause = cause;
  }
}
