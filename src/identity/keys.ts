import { Keyring, type Secret } from '../token/keyring.js';
import type { IdentityAlgorithm } from './options.js';
import { publicJwkOf, thumbprintOf } from './public-jwk.js';

/**
 * The keys of identity tokens. Public and private keys without a name get their thumbprint as `kid`, so that a verifier notices a
 * new key.
 * @throws TypeError that says why a key does not fit the algorithm, without showing it
 */
export function identityKeys(algorithm: IdentityAlgorithm, secrets: readonly Secret[], option?: string): Keyring {
  const keyring = new Keyring(algorithm, secrets, option);
  const named = keyring.all.map(({ kid, signing, verifying }, index): Secret | undefined => {
    const jwk = kid === undefined ? publicJwkOf(verifying) : undefined;
    return jwk === undefined ? secrets[index] : { kid: thumbprintOf(jwk), secret: signing ?? verifying };
  });
  return new Keyring(
    algorithm,
    named.filter((secret) => secret !== undefined),
    option,
  );
}
