import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { familyOf, hashBitsOf, type JwtAlgorithm } from './algorithm.js';

/**
 * Whether `signature` (base64url) is that of `input`, the first two segments of a token with the dot between (RFC 7515 section 5.2). Both
 * must be in the base64url alphabet: Node decodes other characters, too.
 */
export type SignatureCheck = (input: string, signature: string, key: KeyObject) => boolean;

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** Checks signatures of one algorithm, with keys of its family. Those of 'none' are never right. */
export function signatureCheckOf(algorithm: JwtAlgorithm): SignatureCheck {
  const hash = `sha${hashBitsOf(algorithm)}`;
  switch (familyOf(algorithm)) {
    case 'secret':
      return (input, signature, key) => {
        const expected = createHmac(hash, key).update(input, 'latin1').digest();
        const given = Buffer.from(signature, 'base64url');
        return expected.length === given.length && timingSafeEqual(expected, given);
      };
    case 'ec':
      return (input, signature, key) =>
        verify(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    case 'rsa': {
      const padding = algorithm.startsWith('PS') ? PSS : {};
      return (input, signature, key) =>
        verify(hash, Buffer.from(input), { key, ...padding }, Buffer.from(signature, 'base64url'));
    }
    case 'none':
      return () => false;
  }
}
