/** The signature algorithms that a storage accepts (RFC 7518 section 3.1). 'none' must be set explicitly. */
export const ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'none',
] as const;

/** A signature algorithm of tokens (RFC 7518 section 3.1). 'none' means unsigned. */
export type JwtAlgorithm = (typeof ALGORITHMS)[number];

/** The kind of key that an algorithm requires. */
export type KeyFamily = 'secret' | 'rsa' | 'ec' | 'none';

export function familyOf(algorithm: JwtAlgorithm): KeyFamily {
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return 'secret';
    case 'ES':
      return 'ec';
    case 'no':
      return 'none';
    default:
      return 'rsa';
  }
}

/** The size of the algorithm's hash in bits: the shortest HMAC secret (RFC 7518 section 3.2). */
export function hashBitsOf(algorithm: JwtAlgorithm): number {
  return algorithm === 'none' ? 0 : Number(algorithm.slice(2));
}

const ECDSA_BYTES: Readonly<Record<string, number>> = { ES256: 64, ES384: 96, ES512: 132 };

/**
 * The length of every signature in base64url characters (RFC 7518 section 3.4, RFC 8017 section 8.1.2 step 1).
 *
 * OpenSSL also accepts an RSA signature without its leading zero byte, which would be a second spelling of the same
 * token.
 */
export function signatureLengthOf(algorithm: JwtAlgorithm, modulusLength: number | undefined): number {
  const bytes = ECDSA_BYTES[algorithm] ?? (modulusLength ?? hashBitsOf(algorithm)) / 8;
  return Math.ceil((Math.ceil(bytes) * 4) / 3);
}
