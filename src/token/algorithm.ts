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

/** One of {@link ALGORITHMS}. */
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
