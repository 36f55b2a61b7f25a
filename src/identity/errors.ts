import { recognizeCopies } from '../copies.js';
import { SessionError } from '../errors.js';

/** Why an identity token is refused; `docs/errors.md` explains each reason. */
export type IdentityReason =
  | 'missing'
  | 'malformed'
  | 'too_large'
  | 'bad_signature'
  | 'wrong_algorithm'
  | 'unknown_key'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'invalid_claims'
  | 'not_yet_valid'
  | 'expired';

/** The identity token proves nothing (`ERR_SESSION_IDENTITY_INVALID`, status 401). The message contains no part of it. */
export class IdentityInvalid extends SessionError {
  static {
    recognizeCopies(IdentityInvalid, 'IdentityInvalid');
  }

  /** Why: stable, to branch on. */
  readonly reason: IdentityReason;

  constructor(reason: IdentityReason) {
    super('ERR_SESSION_IDENTITY_INVALID', 401, `identity token refused: ${reason}`);
    this.reason = reason;
  }

  override get name(): string {
    return 'IdentityInvalid';
  }
}
