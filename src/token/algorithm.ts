/** The signature algorithms a storage can be pinned to (RFC 7518 section 3.1); 'none' only by that very name. */
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

/** A signature algorithm that a storage can be configured with (RFC 7518 section 3.1). */
export type JwtAlgorithm = (typeof ALGORITHMS)[number];

/** What kind of key an algorithm takes. */
export type KeyFamily = 'secret' | 'rsa' | 'ec' | 'none';

/** The kind of key that `algorithm` takes. */
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

/** Bits of the hash inside: what RFC 7518 section 3.2 asks of an HMAC secret. */
export function hashBitsOf(algorithm: JwtAlgorithm): number {
  return algorithm === 'none' ? 0 : Number(algorithm.slice(2));
}

const ECDSA_BYTES: Readonly<Record<string, number>> = { ES256: 64, ES384: 96, ES512: 132 };

/**
 * Characters of a signature in base64url, whatever its value (RFC 7518 section 3.4, RFC 8017 section 8.1.2 step 1): OpenSSL
 * would also take one of RSA whose leading zero was left out, and so one more spelling of the same token.
 */
export function signatureLengthOf(algorithm: JwtAlgorithm, modulusLength: number | undefined): number {
  const bytes = ECDSA_BYTES[algorithm] ?? (modulusLength ?? hashBitsOf(algorithm)) / 8;
  return Math.ceil((Math.ceil(bytes) * 4) / 3);
}
