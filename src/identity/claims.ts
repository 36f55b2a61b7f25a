import { isPlainObject } from '../lib/json.js';
import { isUid } from '../lib/uid.js';
import { isFor, isId, isNumericDate, type Parties } from '../token/claims.js';
import type { IdentityReason } from './errors.js';

/** Who is signed in, according to an identity token. All times are ms timestamps in whole seconds. */
export interface Identity {
  /** The user, `session.uid`. */
  readonly uid: string;
  /** The session, `session.lineage`. */
  readonly lineage: string;
  /** When the user signed in; `undefined` if the token does not say. */
  readonly authenticatedAt: number | undefined;
  /** When the token expires. */
  readonly expires: number;
}

/** The claims of a verified token. */
export interface IdentityClaims {
  readonly identity: Identity;
  /** The latest time in the token besides `expires`: ms timestamp. */
  readonly begins: number;
}

/** Writes the payload of a token as JSON text (RFC 7519 section 4.1; `sid` and `auth_time` as in OpenID Connect). */
export function writeIdentity(
  { uid, lineage, authenticatedAt, expires }: Identity,
  parties: Parties,
  at: number,
): string {
  const authTime = authenticatedAt === undefined ? undefined : seconds(authenticatedAt);
  // JSON.stringify leaves out what is undefined.
  return JSON.stringify({
    sub: uid,
    sid: lineage,
    iat: seconds(at),
    exp: seconds(expires),
    auth_time: authTime,
    iss: parties.issuer,
    aud: parties.audience,
  });
}

/** Checks the claims of a verified payload, except for the time. */
export function readIdentity(payload: unknown, parties: Parties): IdentityClaims | IdentityReason {
  if (!isPlainObject(payload)) return 'invalid_claims';
  const { sub, sid, iat, nbf = 0, exp, auth_time: authTime, iss, aud } = payload;
  if (parties.issuer !== undefined && iss !== parties.issuer) return 'wrong_issuer';
  if (!isFor(aud, parties.audience)) return 'wrong_audience';
  if (!isUid(sub) || !isId(sid) || !isDate(iat) || !isDate(exp) || !isDate(nbf)) return 'invalid_claims';
  if (authTime !== undefined && !isDate(authTime)) return 'invalid_claims';
  const authenticatedAt = authTime === undefined ? undefined : authTime * 1000;
  const identity = Object.freeze({ uid: sub, lineage: sid, authenticatedAt, expires: exp * 1000 });
  return { identity, begins: Math.max(iat, nbf, authTime ?? 0) * 1000 };
}

/** A time that must be there. */
function isDate(value: unknown): value is number {
  return value !== undefined && isNumericDate(value);
}

/** Rounded down, so that no token lasts longer than it should. */
export function seconds(time: number): number {
  return Math.floor(time / 1000);
}
