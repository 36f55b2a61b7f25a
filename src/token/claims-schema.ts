import { z } from 'zod';
import { isPlainObject } from '../lib/json.js';
import { isUid } from '../lib/uid.js';
import { LONGEST_LIFE } from '../session/expiry.js';
import type { Parties } from './claims.js';

/**
 * The claims of a token in its JSON text. `created`, `luat`, `lmat`, `since` and `auth` are ms timestamps; `iat`, `exp`
 * and `nbf` are in seconds (RFC 7519 section 2).
 */
export interface ClaimsRecord {
  /** `session.id`. */
  readonly jti: string;
  readonly created: number;
  /** `session.lastAccess`. */
  readonly luat: number;
  /** `session.lastUpdate`. */
  readonly lmat: number;
  readonly iat?: number | undefined;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
  readonly iss?: string | undefined;
  readonly sub?: string | undefined;
  readonly aud?: unknown;
  readonly uid?: string | undefined;
  readonly sessionData?: Record<string, unknown> | undefined;
  readonly userData?: Record<string, unknown> | undefined;
  /** `session.lineage`. Default: `jti`. */
  readonly lin?: string | undefined;
  /** When this lineage got its user. Default: `created`. */
  readonly since?: number | undefined;
  /** `session.authenticatedAt`. */
  readonly auth?: number | undefined;
  /** The session's own timeouts. */
  readonly life?: LifeRecord | undefined;
  readonly info?: Record<string, unknown> | undefined;
}

/** A session's own timeouts in its claims, in ms; see `setLifetime`. */
export interface LifeRecord {
  readonly idleTimeout?: number | null | undefined;
  readonly absoluteTimeout?: number | null | undefined;
  readonly persistent?: boolean | undefined;
}

const NO_TIME = 'must be a whole number of ms since 1970';
const NO_SECONDS = 'must be a number of seconds since 1970';
const NO_ID = 'must be a string of 1 to 255 characters';
const NO_BOUND = `must be a whole number of ms from 1 to ${LONGEST_LIFE}, or null`;

const object = z.custom<Record<string, unknown>>(isPlainObject, 'must be a JSON object');
const name = z.string(NO_ID).min(1, NO_ID).max(255, NO_ID);
const uid = z.custom<string>(isUid, 'must be a well-formed string of 1 to 255 characters without U+0000');
const time = z.int(NO_TIME).min(0, NO_TIME);
const seconds = z.number(NO_SECONDS).min(0, NO_SECONDS).max(Number.MAX_SAFE_INTEGER, NO_SECONDS);
const bound = z.int(NO_BOUND).min(1, NO_BOUND).max(LONGEST_LIFE, NO_BOUND).nullable().optional();
const text = z.string('must be a string').optional();
const LIFE = z.object({
  idleTimeout: bound,
  absoluteTimeout: bound,
  persistent: z.boolean('must be true or false').optional(),
});
const KNOWN = Object.keys(LIFE.shape);
const life = object
  .refine((given) => Object.keys(given).every((key) => KNOWN.includes(key)), `must hold only ${KNOWN.join(', ')}`)
  .pipe(LIFE);

/**
 * Accepts what `readClaims` accepts. It is slower, but says which claim is wrong and why. `latest`: the latest valid ms
 * timestamp, that is, now plus how far the clocks of other machines may be ahead.
 */
export function claimsSchema(parties: Parties, latest: number): z.ZodType<ClaimsRecord> {
  const { issuer, audience } = parties;
  const past = time.max(latest, "must not be later than this machine's clock");
  const begun = seconds.refine((value) => value * 1000 <= latest, "must not be later than this machine's clock");
  return object.pipe(
    z.object({
      jti: name,
      created: past,
      luat: past,
      lmat: past,
      iat: begun.optional(),
      exp: seconds.optional(),
      nbf: begun.optional(),
      iss: issuer === undefined ? text : z.literal(issuer, 'must be the expected issuer'),
      sub: text,
      aud:
        audience === undefined
          ? z.undefined('must be absent, as no audience is expected').optional()
          : audienceOf(audience),
      uid: uid.optional(),
      sessionData: object.optional(),
      userData: object.optional(),
      lin: name.optional(),
      since: time.optional(),
      auth: past.optional(),
      life: life.optional(),
      info: object.optional(),
    }),
  );
}

/** RFC 7519 section 4.1.3: one audience, or a list of them. */
function audienceOf(audience: string): z.ZodType<unknown> {
  const problem = 'must be the expected audience, or a list with it';
  const list = z.array(z.string()).refine((names) => names.includes(audience));
  return z.union([z.literal(audience), list], problem);
}
