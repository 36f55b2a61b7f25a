import { showAs } from '../lib/inspect.js';
import type { Clock } from '../ports/clock.js';
import type { Identity } from './claims.js';
import { IdentityInvalid, type IdentityReason } from './errors.js';
import { identityKeys } from './keys.js';
import { IdentityReader } from './reader.js';
import { RemoteKeys } from './remote-keys.js';
import { type IdentityVerifierOptions, verifierSettings } from './verifier-options.js';

/** What `verify` returns: a promise with the option `jwks`. */
export type Verified<Address> = Address extends string | URL ? Promise<Identity> : Identity;

/**
 * Verifies the identity tokens that `activateSessions` issues, in another service. The token says who was signed in when it was
 * issued; it is accepted until it expires, also after a sign-out.
 *
 * ```ts
 * const verifier = new IdentityVerifier({ jwtSecret });
 * verifier.verify(token).uid; // 'u1'
 * ```
 */
export class IdentityVerifier<Address extends string | URL | undefined = undefined> {
  static {
    showAs(IdentityVerifier.prototype, () => 'IdentityVerifier');
  }

  readonly #keys: IdentityReader | RemoteKeys;
  readonly #clock: Clock;

  /** @throws TypeError that names the invalid option, or says what is wrong with a key without showing it */
  constructor(options: IdentityVerifierOptions<Address>) {
    const settings = verifierSettings(options);
    const { jwks, secrets, jwtAlgorithm, clock } = settings;
    this.#clock = clock;
    this.#keys =
      jwks === undefined
        ? new IdentityReader(identityKeys(jwtAlgorithm, secrets), settings)
        : new RemoteKeys(jwks, settings);
  }

  /**
   * Returns the identity of a token, frozen; with `jwks`, a promise of it.
   * @throws IdentityInvalid with a `reason`
   * @throws StoreUnavailable if the keys of `jwks` were never received
   */
  verify(token: unknown): Verified<Address>;
  verify(token: unknown): Identity | Promise<Identity> {
    const keys = this.#keys;
    const now = this.#clock.now();
    return keys instanceof RemoteKeys ? keys.read(token, now).then(accepted) : accepted(keys.read(token, now));
  }
}

function accepted(result: Identity | IdentityReason): Identity {
  if (typeof result === 'string') throw new IdentityInvalid(result);
  return result;
}
