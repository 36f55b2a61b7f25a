import { FieldsRule } from '../lib/rules/fields.js';
import { strictOptions } from '../lib/strict-options.js';
import { familyOf } from '../token/algorithm.js';
import type { Secret } from '../token/keyring.js';
import { secretOption, secretsOf } from '../token/secrets.js';
import { identityKeys } from './keys.js';
import { algorithmOption, type IdentityAlgorithm } from './options.js';
import { type PublicJwk, publicJwkOf, thumbprintOf } from './public-jwk.js';

/** The keys that sign, as the option `identity` has them. */
export interface SigningKeys {
  /** One key, or several. */
  readonly jwtSecret: Secret | readonly Secret[];
  /** Their algorithm: RS, PS or ES. */
  readonly jwtAlgorithm: IdentityAlgorithm;
}

/** A key of a {@link KeySet}. */
export type PublishedKey = PublicJwk & { readonly kid: string; readonly alg: IdentityAlgorithm; readonly use: 'sig' };

/** A JWK Set of public keys (RFC 7517 section 5). */
export interface KeySet {
  readonly keys: readonly PublishedKey[];
}

const OPTIONS = new FieldsRule({ jwtSecret: secretOption, jwtAlgorithm: algorithmOption });

/**
 * The public halves of keys, to be served as JSON for verifiers. A key without a name gets its thumbprint (RFC 7638) as `kid`.
 * @throws TypeError for a secret, which nobody may publish, and for a key that does not fit the algorithm
 */
export function publicKeys(keys: SigningKeys): KeySet {
  const { jwtAlgorithm } = strictOptions('publicKeys', OPTIONS, keys);
  if (familyOf(jwtAlgorithm) === 'secret') {
    throw new TypeError(
      `publicKeys: ${jwtAlgorithm} signs with a secret, which must not be published: sign with a private key, such as of ES256`,
    );
  }
  const { all } = identityKeys(jwtAlgorithm, secretsOf(keys.jwtSecret));
  return { keys: all.map(({ kid, verifying }) => published(publicJwkOf(verifying), kid, jwtAlgorithm)) };
}

function published(jwk: PublicJwk | undefined, kid: string | undefined, alg: IdentityAlgorithm): PublishedKey {
  if (jwk === undefined) throw new TypeError('publicKeys: an RSA-PSS key has no JWK form: use an RSA key');
  return { ...jwk, kid: kid ?? thumbprintOf(jwk), alg, use: 'sig' };
}
