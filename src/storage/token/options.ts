import { z } from 'zod';
import { strictOptions } from '../../lib/strict-options.js';
import { wholeNumber } from '../../lib/whole-number.js';
import type { Clock } from '../../ports/clock.js';
import type { StandardSchema } from '../../session/data-schema.js';
import { type Bounds, boundsOf, type Timestamps } from '../../session/expiry.js';
import { ALGORITHMS, type JwtAlgorithm } from '../../token/algorithm.js';
import type { Secret } from '../../token/keyring.js';
import { COMMON_OPTIONS, checkedResolution, duration } from '../common-options.js';
import { TOKEN_CURES } from '../option-cures.js';
import { RevocationList } from '../revocation/revocation-list.js';

/** How a `SessionStorage` issues and judges tokens. All durations are ms; an explicit `undefined` means the default. */
export interface SessionStorageOptions<Data, User, DataInput = Data> {
  /**
   * The key, or several: the first signs, all verify; put a new one at the front to rotate. Required unless the algorithm
   * is 'none'. An HMAC secret shorter than the algorithm's hash draws a warning (RFC 7518 section 3.2).
   */
  readonly jwtSecret?: Secret | readonly Secret[] | undefined;
  /** The one algorithm, for signing and verifying. Default 'HS512'. 'none' means unsigned: anyone can make such a token. */
  readonly jwtAlgorithm?: JwtAlgorithm | undefined;
  /** How long a session lives after the instant that `ttlType` names. Default 604,800,000 (one week); 0 = no such bound. */
  readonly timeToLive?: number | undefined;
  /** What `timeToLive` counts from. Default 'lastAccess'. */
  readonly ttlType?: keyof Timestamps | undefined;
  /** How long it lives after lastAccess. Default null (no such bound). The earliest bound counts. */
  readonly idleTimeout?: number | null | undefined;
  /** How long it lives after its creation or last change of user, whatever happens. Default null (no such bound). */
  readonly absoluteTimeout?: number | null | undefined;
  /**
   * How old the lastAccess in a token may grow before an otherwise unchanged token is issued anew. Default: a tenth of the
   * bound that lastAccess feeds, at most 600,000; 0 = anew each time.
   */
  readonly timeoutResolution?: number | undefined;
  /** Type and check of sessionData: a zod schema or any synchronous Standard Schema. Default: any JSON object. */
  readonly sessionData?: StandardSchema<Data, DataInput> | undefined;
  /** The same for userData. */
  readonly userData?: StandardSchema<User, unknown> | undefined;
  /** Makes present sessionData of an older shape that the schema refuses; what it gives is checked and issued anew. */
  readonly migrate?: ((old: unknown) => Data) | undefined;
  /** Written as `iss`, and required of tokens. Default: neither. */
  readonly issuer?: string | undefined;
  /** Written as `aud`, and required of tokens. Default: not written, and tokens for any audience are refused. */
  readonly audience?: string | undefined;
  /** What ends sessions before their time. Default: none, then `revoke` clears the client's copy only. */
  readonly revocations?: RevocationList | undefined;
  /** How long a credential that rotation replaced still opens its session. Default 10,000. */
  readonly rotationGrace?: number | undefined;
  /** How far ahead the clocks of other issuing machines may be. Default 1,000; at most 300,000. */
  readonly clockSkew?: number | undefined;
  /** How many verified tokens are remembered. Default 10,000; 0 = none. */
  readonly cacheSize?: number | undefined;
  /** Where the time comes from. Default: the machine. */
  readonly clock?: Clock | undefined;
}

const WEEK = 7 * 24 * 60 * 60 * 1000;

const timeout = wholeNumber('ms', 1, undefined, 'null for none').nullable().default(null);
const NAME = 'expected a name of at least one character';
const name = z.string(NAME).min(1, NAME).optional();

/** Every default in one place. */
const OPTIONS = z.strictObject({
  jwtSecret: z
    .custom<Secret | readonly Secret[]>(
      isSecretLike,
      'expected a secret: a string, bytes, a KeyObject, or a list of these',
    )
    .optional(),
  jwtAlgorithm: z.enum(ALGORITHMS).default('HS512'),
  timeToLive: duration.default(WEEK),
  ttlType: z.enum(['lastAccess', 'lastUpdate', 'created']).default('lastAccess'),
  idleTimeout: timeout,
  absoluteTimeout: timeout,
  timeoutResolution: duration.optional(),
  issuer: name,
  audience: name,
  revocations: z.instanceof(RevocationList, { error: 'expected a RevocationList' }).optional(),
  clockSkew: wholeNumber('ms', 0, 300_000).default(1_000),
  cacheSize: wholeNumber(undefined, 0).default(10_000),
  ...COMMON_OPTIONS,
});

/** The options once judged: plain values with their defaults, frozen. */
export interface TokenSettings {
  readonly algorithm: JwtAlgorithm;
  readonly secrets: readonly Secret[];
  readonly bounds: Bounds;
  readonly resolution: number;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly revocations: RevocationList | undefined;
  readonly rotationGrace: number;
  readonly clockSkew: number;
  readonly cacheSize: number;
  readonly clock: Clock;
}

/** The names of all options with their defaults; `undefined` where there is none. */
export function optionDefaults(): Readonly<Record<string, unknown>> {
  const { clock: _, ...defaults } = OPTIONS.parse({});
  return { ...Object.fromEntries(Object.keys(OPTIONS.shape).map((key) => [key, undefined])), ...defaults };
}

/** @throws TypeError naming the option that is wrong */
export function tokenSettings<Data, User, DataInput>(
  options: SessionStorageOptions<Data, User, DataInput>,
): TokenSettings {
  const { jwtAlgorithm, timeoutResolution, ...rest } = strictOptions('SessionStorage', OPTIONS, options, TOKEN_CURES);
  const secrets = secretsOf(options?.jwtSecret);
  if (jwtAlgorithm === 'none' && secrets.length > 0) {
    throw new TypeError("SessionStorage: jwtAlgorithm 'none' takes no jwtSecret: its tokens are not signed");
  }
  if (jwtAlgorithm !== 'none' && secrets.length === 0) {
    throw new TypeError('SessionStorage: jwtSecret is required; make one with "npx sessions-jwt secret"');
  }
  const bounds = boundsOf(rest);
  const resolution = checkedResolution('SessionStorage', timeoutResolution, bounds, 'the idle timeout');
  const { issuer, audience, revocations, rotationGrace, clockSkew, cacheSize, clock } = rest;
  return Object.freeze({
    algorithm: jwtAlgorithm,
    secrets,
    bounds,
    resolution,
    issuer,
    audience,
    revocations,
    rotationGrace,
    clockSkew,
    cacheSize,
    clock,
  });
}

/** One or several, as a list. */
export function secretsOf(jwtSecret: Secret | readonly Secret[] | undefined): readonly Secret[] {
  if (jwtSecret === undefined) return [];
  return isList(jwtSecret) ? [...jwtSecret] : [jwtSecret];
}

/** What its keys are worth is judged by the keyring. */
function isSecretLike(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function isList(value: Secret | readonly Secret[]): value is readonly Secret[] {
  return Array.isArray(value);
}
