import {
  type Identity,
  IdentityInvalid,
  type IdentityReason,
  type IdentityVerifier,
} from '../../src/identity/index.js';
import { IdentityIssuer } from '../../src/identity/issuer.js';
import type { IdentityAlgorithm } from '../../src/identity/options.js';
import type { Secret } from '../../src/token/keyring.js';
import { forge } from './forge.js';
import type { SignedAlgorithm } from './keys.js';
import { NOW } from './token-fixtures.js';

/** 64 bytes, as HS512 asks for. */
export const IDENTITY_SECRET = 'a secret for identities, of sixty-four bytes, known to services.';

/** A token as `activateSessions` issues it at {@link NOW}, for five minutes. */
export function identityToken(
  who: Pick<Identity, 'uid' | 'lineage'>,
  jwtAlgorithm: IdentityAlgorithm,
  ...secrets: readonly Secret[]
): string {
  const settings = { jwtAlgorithm, secrets, life: 300_000, issuer: undefined, audience: undefined };
  const issuer = new IdentityIssuer(settings, 'jwtSecret');
  const session = { ...who, authenticatedAt: NOW, expires: Number.POSITIVE_INFINITY };
  return issuer.issue(issuer.identityOf(session, NOW), NOW);
}

/** Whom most tokens of the tests are about. */
export const WHO = { uid: 'u1', lineage: 'l1' };

/** The claims of such a token, and whatever else. An `undefined` leaves a claim out. */
export function identityClaims(others: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { sub: 'u1', sid: 'l1', iat: NOW / 1000, exp: NOW / 1000 + 300, ...others };
}

/** A token that may say anything, signed with the secret of these tests. */
export function forgedIdentity(payload: unknown, header: object = {}, as: SignedAlgorithm = 'HS512'): string {
  return forge({ as, key: Buffer.from(IDENTITY_SECRET), header: { alg: as, typ: 'identity+jwt', ...header }, payload });
}

/** What a verifier says of a token: the uid, or the reason why it is refused. */
export function verdictOf(verifier: IdentityVerifier, token: unknown): string {
  try {
    return verifier.verify(token).uid;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The reason of an {@link IdentityInvalid}; throws any other error. */
export function reasonOf(error: unknown): IdentityReason {
  if (error instanceof IdentityInvalid) return error.reason;
  throw error;
}
