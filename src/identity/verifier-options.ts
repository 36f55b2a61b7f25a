import { FieldsRule } from '../lib/rules/fields.js';
import { kind } from '../lib/rules/kinds.js';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../lib/whole-number.js';
import { type Clock, systemClock } from '../ports/clock.js';
import { familyOf } from '../token/algorithm.js';
import type { Secret } from '../token/keyring.js';
import { secretOption, secretsOf } from '../token/secrets.js';
import { algorithmOption, type IdentityAlgorithm, partyOption } from './options.js';
import type { ReaderSettings } from './reader.js';

/** Options of an `IdentityVerifier`. All durations are in ms. Either `jwtSecret` or `jwks` is required. */
export interface IdentityVerifierOptions<Address extends string | URL | undefined = string | URL | undefined> {
  /** The keys that verify: the issuer's secret, or its public keys. A token that any of them signed is accepted. */
  readonly jwtSecret?: Secret | readonly Secret[] | undefined;
  /**
   * The address of the issuer's public keys, see `publicKeys`. `https`, or `http` on this machine. They are fetched when first needed, and kept as
   * long as the response's `max-age` says: at least a minute, at most a day, and 10 minutes if it says nothing. An unknown key
   * causes another fetch, at most one in 30 seconds.
   */
  readonly jwks?: Address;
  /** The only algorithm that is accepted, that of the issuer. Default 'HS512'; with `jwks` required, RS, PS or ES. */
  readonly jwtAlgorithm?: IdentityAlgorithm | undefined;
  /** The `iss` that tokens must have. Default: any, or none. */
  readonly issuer?: string | undefined;
  /** The `aud` that tokens must have. Default: none, and tokens with any audience are refused. */
  readonly audience?: string | undefined;
  /** How far ahead the clock of the issuer may be. Default 1,000; at most 300,000. */
  readonly clockSkew?: number | undefined;
  /** How long a fetch of `jwks` may take. Default 2,000. */
  readonly deadline?: number | undefined;
  /** The clock. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const OPTIONS = new FieldsRule({
  jwtSecret: secretOption.optional(),
  jwks: kind(isAddress, 'expected an https address, or an http address of this machine').optional(),
  jwtAlgorithm: algorithmOption.default('HS512'),
  issuer: partyOption,
  audience: partyOption,
  clockSkew: wholeNumber('ms', 0, 300_000).default(1_000),
  deadline: wholeNumber('ms', 1, LONGEST_TIMER).default(2_000),
  clock: kind((clock): clock is Clock => hasMethods(clock, 'now'), 'expected a Clock: { now(): number }').default(
    systemClock,
  ),
});

/** The checked options with their defaults. */
export interface VerifierSettings extends ReaderSettings {
  readonly secrets: readonly Secret[];
  readonly jwks: URL | undefined;
  readonly deadline: number;
  readonly clock: Clock;
}

/** @throws TypeError that names the invalid option */
export function verifierSettings(options: IdentityVerifierOptions): VerifierSettings {
  const { jwks, issuer, audience, ...rest } = strictOptions('IdentityVerifier', OPTIONS, options);
  const secrets = secretsOf(options.jwtSecret);
  if ((jwks === undefined) === (secrets.length === 0)) {
    throw new TypeError('IdentityVerifier: pass either jwtSecret, the keys, or jwks, the address of the public keys');
  }
  if (jwks !== undefined && familyOf(rest.jwtAlgorithm) === 'secret') {
    throw new TypeError(
      "IdentityVerifier: jwks are public keys: set jwtAlgorithm to that of the issuer, such as 'ES256'; HS algorithms take jwtSecret",
    );
  }
  const { jwtAlgorithm, clockSkew, deadline, clock } = rest;
  const url = jwks === undefined ? undefined : new URL(jwks);
  return { jwtAlgorithm, issuer, audience, clockSkew, deadline, clock, secrets, jwks: url };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function isAddress(value: unknown): value is string | URL {
  if (!(typeof value === 'string' || value instanceof URL) || !URL.canParse(value.toString())) return false;
  const { protocol, hostname, username, password } = new URL(value);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return isSafe && username === '' && password === '';
}
