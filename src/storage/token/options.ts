import { FieldsRule } from '../../lib/rules/fields.js';
import { kind, oneOf, text } from '../../lib/rules/kinds.js';
import { strictOptions } from '../../lib/strict-options.js';
import { wholeNumber } from '../../lib/whole-number.js';
import type { Clock } from '../../ports/clock.js';
import type { StandardSchema } from '../../session/data-schema.js';
import { type Bounds, boundsOf, type Timestamps } from '../../session/expiry.js';
import { ALGORITHMS, type JwtAlgorithm } from '../../token/algorithm.js';
import type { Secret } from '../../token/keyring.js';
import { secretOption, secretsOf } from '../../token/secrets.js';
import { COMMON_OPTIONS, checkedResolution, duration, maxSessions, type OnReuse } from '../common-options.js';
import { TOKEN_CURES } from '../option-cures.js';
import { checkClock } from '../revocation/check-clock.js';
import { isRevocationList } from '../revocation/is-revocation-list.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import { isSessionRegistry } from './is-session-registry.js';
import type { SessionRegistry } from './session-registry.js';

/** Options of a `SessionStorage`. All durations are in ms. An explicit `undefined` means the default. */
export interface SessionStorageOptions<Data, User, DataInput = Data> {
  /**
   * One key, or several: the first signs, all verify. To rotate keys, put the new one first. Required unless
   * `jwtAlgorithm` is 'none'. An HMAC secret shorter than the algorithm's hash causes a process warning (RFC 7518
   * section 3.2).
   */
  readonly jwtSecret?: Secret | readonly Secret[] | undefined;
  /** The only algorithm to sign and verify with. Default 'HS512'. 'none' is unsigned: anyone can make such a token. */
  readonly jwtAlgorithm?: JwtAlgorithm | undefined;
  /** How long a session lives after the time that `ttlType` names. Default 604,800,000 (7 days); 0 = no limit. */
  readonly timeToLive?: number | undefined;
  /** The time that `timeToLive` counts from. Default 'lastAccess'. */
  readonly ttlType?: keyof Timestamps | undefined;
  /** How long a session lives after its last access. Default `null` (no limit). The earliest timeout counts. */
  readonly idleTimeout?: number | null | undefined;
  /**
   * How long a session lives after its creation or last change of user. Activity does not extend it. Default `null` (no
   * limit).
   */
  readonly absoluteTimeout?: number | null | undefined;
  /**
   * How old the `lastAccess` in a token may be before a new token is issued for an unchanged session. Default: a tenth
   * of the timeout that counts from the last access, at most 600,000; 0 = at each request. Must be less than that
   * timeout.
   */
  readonly timeoutResolution?: number | undefined;
  /**
   * Type and validation of `sessionData`: a zod schema or another synchronous Standard Schema. Default: any JSON
   * object.
   */
  readonly sessionData?: StandardSchema<Data, DataInput> | undefined;
  /** The same for `userData`. */
  readonly userData?: StandardSchema<User, unknown> | undefined;
  /**
   * Converts `sessionData` that the schema rejects, such as data of an older version. Needs the `sessionData` schema,
   * which validates the result. A new token is issued at commit. Default: such tokens are refused.
   */
  readonly migrate?: ((old: unknown) => Data) | undefined;
  /** Written to tokens as `iss`, and required in tokens. Default: neither. */
  readonly issuer?: string | undefined;
  /** Written to tokens as `aud`, and required in tokens. Default: none, and tokens with any audience are refused. */
  readonly audience?: string | undefined;
  /**
   * Ends sessions before they expire. Default: none. Then `session.revoke()` only clears the client's copy, and
   * `storage.revoke` throws a TypeError.
   */
  readonly revocations?: RevocationList | undefined;
  /**
   * Registers the sessions of users, for `listOfUser` and `maxSessionsPerUser`. Its store is written when `commit`
   * issues a token for a user, and not asked in other requests. Needs `revocations`, whose `deadline` applies. Default:
   * none.
   */
  readonly registry?: SessionRegistry | undefined;
  /**
   * How many sessions a user may have; `null` = no limit. A sign-in beyond the limit ends the user's oldest sessions by
   * `created`. Needs `registry`. Default `null`.
   */
  readonly maxSessionsPerUser?: number | null | undefined;
  /**
   * What happens when a token that a rotation replaced is used after `rotationGrace`. 'report' (default): the event
   * `reused`. 'revoke': also, the whole session ends. Neither a thief nor the user goes on with a copy then (RFC 9700
   * section 4.14.2). Anyone who has an old token can end its session. 'revoke' needs `revocations`.
   */
  readonly onReuse?: 'report' | 'revoke' | undefined;
  /**
   * How long a token that a rotation replaced still opens its session. Needs `revocations`; without it, a replaced
   * token is valid until it expires. Default 10,000.
   */
  readonly rotationGrace?: number | undefined;
  /** How far ahead the clocks of other machines that issue tokens may be. Default 1,000; at most 300,000. */
  readonly clockSkew?: number | undefined;
  /**
   * How many verified tokens of up to 512 characters are cached; longer ones count as several. Default 10,000: about 5 MB of
   * tokens, and up to 20 times as much for their data. 0 = none.
   */
  readonly cacheSize?: number | undefined;
  /** The clock. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const WEEK = 7 * 24 * 60 * 60 * 1000;

const timeout = wholeNumber('ms', 1, undefined, 'null for none').nullable().default(null);
const NAME = 'expected a name of at least one character';
const name = text(NAME)
  .check((given) => given !== '', NAME)
  .optional();

const LIST = 'revocations: new RevocationList()';
const REGISTRY = 'registry: new SessionRegistry(store)';

const OPTIONS = new FieldsRule({
  jwtSecret: secretOption.optional(),
  jwtAlgorithm: oneOf(ALGORITHMS).default('HS512'),
  timeToLive: duration.default(WEEK),
  ttlType: oneOf(['lastAccess', 'lastUpdate', 'created']).default('lastAccess'),
  idleTimeout: timeout,
  absoluteTimeout: timeout,
  timeoutResolution: duration.optional(),
  issuer: name,
  audience: name,
  revocations: kind(isRevocationList, 'expected a RevocationList').optional(),
  registry: kind(isSessionRegistry, `expected a SessionRegistry: pass ${REGISTRY}`).optional(),
  maxSessionsPerUser: maxSessions,
  clockSkew: wholeNumber('ms', 0, 300_000).default(1_000),
  cacheSize: wholeNumber(undefined, 0).default(10_000),
  ...COMMON_OPTIONS,
});

/** The checked options with their defaults, frozen. */
export interface TokenSettings {
  readonly algorithm: JwtAlgorithm;
  readonly secrets: readonly Secret[];
  readonly bounds: Bounds;
  readonly resolution: number;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly revocations: RevocationList | undefined;
  readonly registry: SessionRegistry | undefined;
  readonly maxSessionsPerUser: number | null;
  readonly onReuse: OnReuse;
  readonly rotationGrace: number;
  readonly clockSkew: number;
  readonly cacheSize: number;
  readonly clock: Clock;
}

/** The names of all options with their defaults; `undefined` for an option without one. */
export function optionDefaults(): Readonly<Record<string, unknown>> {
  return { ...OPTIONS.defaults(), clock: undefined };
}

/** @throws TypeError that names the invalid option */
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
  const {
    issuer,
    audience,
    revocations,
    registry,
    maxSessionsPerUser,
    onReuse,
    rotationGrace,
    clockSkew,
    cacheSize,
    clock,
  } = rest;
  if (registry !== undefined && revocations === undefined) throw missing('registry', 'revocations', LIST);
  if (maxSessionsPerUser !== null && registry === undefined) {
    throw missing('maxSessionsPerUser', 'registry', `${REGISTRY}, or use a ServerSessionStorage`);
  }
  if (onReuse === 'revoke' && revocations === undefined) throw missing("onReuse: 'revoke'", 'revocations', LIST);
  checkClock('SessionStorage', clock, revocations);
  return Object.freeze({
    algorithm: jwtAlgorithm,
    secrets,
    bounds,
    resolution,
    issuer,
    audience,
    revocations,
    registry,
    maxSessionsPerUser,
    onReuse,
    rotationGrace,
    clockSkew,
    cacheSize,
    clock,
  });
}

function missing(option: string, needed: string, cure: string): TypeError {
  return new TypeError(`SessionStorage: option ${option} needs the option ${needed}: pass ${cure}`);
}
