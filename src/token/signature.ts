import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { familyOf, hashBitsOf, type JwtAlgorithm } from './algorithm.js';

/**
 * Whether `signature` (base64url) is that of `input`, the token's first two segments with the dot between (RFC 7515 section 5.2).
 *
 * A filter before `jsonwebtoken`, which parses header and payload for each key before it looks at the signature: a forged
 * token must not cost more than a valid one. What passes is verified again by that library.
 */
export function isSignatureOf(input: string, signature: string, key: KeyObject, algorithm: JwtAlgorithm): boolean {
  const hash = `sha${hashBitsOf(algorithm)}`;
  const given = Buffer.from(signature, 'base64url');
  switch (familyOf(algorithm)) {
    case 'secret': {
      const expected = createHmac(hash, key).update(input).digest();
      return expected.length === given.length && timingSafeEqual(expected, given);
    }
    case 'ec':
      return verify(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, given);
    case 'rsa':
      return verify(hash, Buffer.from(input), { key, ...(algorithm.startsWith('PS') ? PSS : {}) }, given);
    default:
      return false;
  }
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
