import { createHash, type KeyObject } from 'node:crypto';

/** A public key in the form of RFC 7517, without its metadata. */
export type PublicJwk =
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string };

/** The JWK of an RSA or EC public key, with public members only; `undefined` for other keys, such as RSA-PSS, which Node does not export. */
export function publicJwkOf(key: KeyObject): PublicJwk | undefined {
  if (key.type !== 'public' || key.asymmetricKeyType === 'rsa-pss') return undefined;
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' });
  if (kty === 'RSA' && n !== undefined && e !== undefined) return { kty, n, e };
  if (kty === 'EC' && crv !== undefined && x !== undefined && y !== undefined) return { kty, crv, x, y };
  return undefined;
}

/** The SHA-256 thumbprint of a key (RFC 7638): the same for everyone who has the key. */
export function thumbprintOf(jwk: PublicJwk): string {
  // Section 3.2: the required members in lexicographic order.
  const members =
    jwk.kty === 'RSA' ? { e: jwk.e, kty: jwk.kty, n: jwk.n } : { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
