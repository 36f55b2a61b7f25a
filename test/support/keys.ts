import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  type RSAPSSKeyPairKeyObjectOptions,
} from 'node:crypto';
import type { JwtAlgorithm } from '../../src/token/algorithm.js';

/** Keys for tests, made once a process because RSA keys take long to make. */
export const RSA: KeyPairKeyObjectResult = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const OTHER_RSA: KeyPairKeyObjectResult = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** Below what RFC 7518 section 3.3 asks for. */
export const SMALL_RSA: KeyPairKeyObjectResult = generateKeyPairSync('rsa', { modulusLength: 1024 });
/** May sign PS256 and nothing else. */
export const RSA_PSS_256: KeyPairKeyObjectResult = rsaPss(32);
/** Says nothing of its hash. */
export const RSA_PSS_ANY: KeyPairKeyObjectResult = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
export const P256: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const OTHER_P256: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const P384: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-384' });
export const P521: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-521' });
export const SECP256K1: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
export const ED25519: KeyPairKeyObjectResult = generateKeyPairSync('ed25519');
export const DSA: KeyPairKeyObjectResult = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
export const X25519: KeyPairKeyObjectResult = generateKeyPairSync('x25519');

/** 64 bytes, enough for every HMAC algorithm. */
export const SECRET: Buffer = Buffer.from(Array.from({ length: 64 }, (_, index) => index + 100));
export const OTHER_SECRET: Buffer = Buffer.from(Array.from({ length: 64 }, (_, index) => 255 - index));

/** The algorithms that need a key. */
export const SIGNED = [
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
] as const satisfies readonly JwtAlgorithm[];

export type SignedAlgorithm = (typeof SIGNED)[number];

/** An RSA-PSS pair for SHA-256 with a salt of this length or more, bytes; @types/node takes that number for a string. */
export function rsaPss(saltLength: number): KeyPairKeyObjectResult {
  const options: RSAPSSKeyPairKeyObjectOptions = {
    modulusLength: 2048,
    hashAlgorithm: 'sha256',
    mgf1HashAlgorithm: 'sha256',
  };
  Reflect.set(options, 'saltLength', saltLength);
  return generateKeyPairSync('rsa-pss', options);
}

const EC_KEYS = { ES256: P256, ES384: P384, ES512: P521 } as const;

/** The key that signs with an algorithm: the shared secret or the private half. */
export function signingKey(algorithm: SignedAlgorithm): Buffer | KeyObject {
  switch (algorithm) {
    case 'HS256':
    case 'HS384':
    case 'HS512':
      return SECRET;
    case 'ES256':
    case 'ES384':
    case 'ES512':
      return EC_KEYS[algorithm].privateKey;
    default:
      return RSA.privateKey;
  }
}

/** The public half as PEM text, or the private one. */
export function pem(key: KeyObject): string {
  const type = key.type === 'private' ? ('pkcs8' as const) : ('spki' as const);
  return key.export({ format: 'pem', type }).toString();
}

/** All that anyone may know of an asymmetric key, in every form an attacker could try as a secret. */
export function publicForms(key: KeyObject): ReadonlyMap<string, Buffer> {
  const shown = key.type === 'public' ? key : createPublicKey(key);
  const text = pem(shown);
  const der = shown.export({ format: 'der', type: 'spki' });
  const jwk = shown.export({ format: 'jwk' });
  const bare = text.replace(/-----[A-Z ]+-----|\n/g, '');
  const forms: [string, Buffer][] = [
    ['PEM', Buffer.from(text)],
    ['PEM without its last line break', Buffer.from(text.trim())],
    ['PEM with CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['PEM after other text', Buffer.from(`key:\n${text}`)],
    ['DER', der],
    ['JWK text', Buffer.from(JSON.stringify(jwk))],
    ['JWK text, spaced', Buffer.from(JSON.stringify(jwk, null, 2))],
    ['base64 of DER', Buffer.from(bare)],
    ['base64url of DER', Buffer.from(der.toString('base64url'))],
    ['hex of DER', Buffer.from(der.toString('hex'))],
    ['SSH line', Buffer.from(`ssh-key ${bare} someone@example`)],
  ];
  if (shown.asymmetricKeyType === 'rsa') {
    forms.push(['PKCS#1 PEM', Buffer.from(shown.export({ format: 'pem', type: 'pkcs1' }))]);
    forms.push(['PKCS#1 DER', shown.export({ format: 'der', type: 'pkcs1' })]);
    forms.push(['modulus', Buffer.from(String(jwk.n), 'base64url')]);
  } else {
    forms.push(['x coordinate', Buffer.from(String(jwk.x), 'base64url')]);
  }
  return new Map(forms);
}
