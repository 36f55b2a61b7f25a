import { deepFreeze, isPlainObject } from '../lib/json.js';
import { isUid } from '../lib/uid.js';
import { isLifetime } from '../session/lifetime.js';
import type { SessionFields } from '../session/session-state.js';
import { Refusal } from './refusal.js';

/** The session of a token whose claims are valid. */
export interface Claims extends Readonly<SessionFields> {
  readonly sessionData: object;
  readonly userData: object;
  /** The ms timestamp of `exp`; `Infinity` without it. */
  readonly expires: number;
}

/** Who issues the tokens and for whom; `undefined` = not configured. */
export interface Parties {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

const LONGEST_ID = 255;
const NO_DATA = Object.freeze({});

/**
 * Writes the payload of a token as JSON text. Claims with their default value are left out. Joining the claims one by
 * one takes little more than half the time of one JSON.stringify.
 */
export function writeClaims(claims: Claims, parties: Parties, now: number): string {
  const { id, lineage, created, since, expires } = claims;
  return (
    `{"jti":${JSON.stringify(id)},"iat":${Math.floor(now / 1000)}` +
    (expires === Number.POSITIVE_INFINITY ? '' : `,"exp":${Math.ceil(expires / 1000)}`) +
    optional('iss', parties.issuer) +
    optional('aud', parties.audience) +
    optional('uid', claims.uid) +
    `,"sessionData":${JSON.stringify(claims.sessionData)},"userData":${JSON.stringify(claims.userData)}` +
    `,"created":${created},"luat":${claims.lastAccess},"lmat":${claims.lastUpdate}` +
    optional('lin', lineage === id ? undefined : lineage) +
    optional('since', since === created ? undefined : since) +
    optional('auth', claims.authenticatedAt) +
    optional('life', claims.life) +
    optional('info', claims.info) +
    '}'
  );
}

function optional(name: string, value: unknown): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/**
 * Checks the claims of a verified payload (RFC 7519 sections 4.1 and 7.2), except for expiry. `skew`: how far ahead the
 * clocks of other machines may be, in ms.
 */
export function readClaims(payload: unknown, parties: Parties, now: number, skew: number): Claims | Refusal {
  if (!isPlainObject(payload)) return new Refusal('invalid_claims');
  const { jti, iat, exp, nbf, uid, sessionData = NO_DATA, userData = NO_DATA, created, luat, lmat } = payload;
  const { lin = jti, since = created, auth, life, info } = payload;
  const { iss, sub, aud } = payload;
  if (parties.issuer !== undefined && iss !== parties.issuer)
    return new Refusal('wrong_issuer', undefined, issuedAt(iat));
  if (!isFor(aud, parties.audience)) return new Refusal('wrong_audience', undefined, issuedAt(iat));
  if (
    isId(jti) &&
    isId(lin) &&
    isOptionalString(iss) &&
    isOptionalString(sub) &&
    isTime(created) &&
    isTime(luat) &&
    isTime(lmat) &&
    isTime(since) &&
    (auth === undefined || isTime(auth)) &&
    (uid === undefined || isUid(uid)) &&
    isPlainObject(sessionData) &&
    isPlainObject(userData) &&
    (life === undefined || (isPlainObject(life) && isLifetime(life))) &&
    (info === undefined || isPlainObject(info)) &&
    isNumericDate(exp) &&
    isNumericDate(iat) &&
    isNumericDate(nbf)
  ) {
    const latest = Math.max(created, luat, lmat, auth ?? 0, (iat ?? 0) * 1000, (nbf ?? 0) * 1000);
    const claims: Claims = {
      id: jti,
      lineage: lin,
      uid,
      sessionData,
      userData: uid === undefined ? NO_DATA : userData,
      created,
      lastAccess: luat,
      lastUpdate: lmat,
      since,
      authenticatedAt: auth,
      life,
      info: deepFreeze(info),
      expires: exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000,
    };
    return latest > now + skew ? new Refusal('not_yet_valid', undefined, latest, claims) : claims;
  }
  return new Refusal('invalid_claims');
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= LONGEST_ID;
}

function issuedAt(iat: unknown): number | undefined {
  return typeof iat === 'number' ? iat * 1000 : undefined;
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0;
}

/** RFC 7519 section 2: a number, possibly with a fraction; here also finite and not negative. */
export function isNumericDate(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER);
}

/** RFC 7519 section 4.1.3: refuses a token for another audience, and any audience if none is configured. */
export function isFor(aud: unknown, audience: string | undefined): boolean {
  if (audience === undefined) return aud === undefined;
  return Array.isArray(aud) ? aud.includes(audience) && aud.every((one) => typeof one === 'string') : aud === audience;
}
