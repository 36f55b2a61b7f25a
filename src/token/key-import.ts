import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { familyOf, hashBitsOf, type JwtAlgorithm } from './algorithm.js';
import { looksLikeKey } from './key-text.js';

/**
 * A key. For HS*: a string (its UTF-8 bytes), bytes, a secret KeyObject or an `oct` JWK. For RS*, PS* and ES*: PEM
 * text, its bytes, a private or public KeyObject, or a JWK. Only the storage's algorithm decides how it is read.
 */
export type KeyMaterial = string | Uint8Array | KeyObject | Jwk;

/** The members of a JSON Web Key that contain the key itself (RFC 7518 section 6). Not Node's own type: its name differs between versions of `@types/node`. */
type KeyMembers = {
  readonly [member in 'crv' | 'd' | 'dp' | 'dq' | 'e' | 'k' | 'n' | 'p' | 'q' | 'qi' | 'x' | 'y']?: string;
};

/** A JSON Web Key. Its `use`, `key_ops` and `alg` must fit the storage's algorithm. */
export interface Jwk extends KeyMembers {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
  readonly [member: string]: unknown;
}

/** The two halves of a key; for a shared secret, both are the same object. */
export interface ImportedKey {
  readonly kid: string | undefined;
  readonly signing: KeyObject | undefined;
  readonly verifying: KeyObject;
}

const SMALLEST_MODULUS = 2048;
/** Buffer.from ignores invalid characters, so other tools might read a different key from the same text. */
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
const CURVES: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** @throws TypeError if the material is not a key for the algorithm; the message never contains it */
export function importKey(material: KeyMaterial, algorithm: JwtAlgorithm, where: string): ImportedKey {
  const kid = isJwk(material) ? checkJwk(material, algorithm, where) : undefined;
  const maySign = !isJwk(material) || (material.key_ops?.includes('sign') ?? true);
  if (familyOf(algorithm) === 'secret') {
    const secret = secretKey(material, where);
    return { kid, signing: maySign ? secret : undefined, verifying: secret };
  }
  const key = asymmetricKey(material, where);
  checkStrength(key, algorithm, where);
  const isPrivate = key.type === 'private';
  return { kid, signing: isPrivate && maySign ? key : undefined, verifying: isPrivate ? createPublicKey(key) : key };
}

function secretKey(material: KeyMaterial, where: string): KeyObject {
  const key = createSecretKey(secretBytes(material, where));
  if (key.symmetricKeySize === 0) throw new TypeError(`${where} is empty; make one with "npx sessions-jwt secret"`);
  if (looksLikeKey(key.export())) {
    throw new TypeError(
      `${where}: this is a public or private key, in PEM or another form, and an HMAC algorithm takes a secret: a public key is known to everyone`,
    );
  }
  return key;
}

function secretBytes(material: KeyMaterial, where: string): Buffer {
  if (material instanceof KeyObject) {
    if (material.type === 'secret') return material.export();
    throw new TypeError(`${where}: an HMAC algorithm takes a secret, not a ${material.type} key`);
  }
  if (!isJwk(material)) return bytesOf(material, where);
  if (material.kty !== 'oct' || typeof material.k !== 'string') {
    throw new TypeError(`${where}: an HMAC algorithm takes a JWK with kty "oct"`);
  }
  if (!BASE64URL.test(material.k)) throw new TypeError(`${where}: this JWK's k is not base64url`);
  if (material.key_ops?.includes('verify') === false) {
    throw new TypeError(`${where}: this JWK's key_ops do not allow "verify", which every key here does`);
  }
  return Buffer.from(material.k, 'base64url');
}

function asymmetricKey(material: KeyMaterial, where: string): KeyObject {
  if (material instanceof KeyObject) {
    if (material.type === 'secret')
      throw new TypeError(`${where}: this algorithm takes a private or public key, not a secret`);
    return material;
  }
  const input = isJwk(material) ? ({ key: material, format: 'jwk' } as const) : bytesOf(material, where);
  const isPrivate = Buffer.isBuffer(input) ? input.includes('PRIVATE KEY-----') : 'd' in input.key;
  try {
    return isPrivate ? createPrivateKey(input) : createPublicKey(input);
  } catch {
    throw new TypeError(`${where}: not a private or public key in PEM or JWK form`);
  }
}

function checkStrength(key: KeyObject, algorithm: JwtAlgorithm, where: string): void {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (familyOf(algorithm) === 'ec') {
    if (key.asymmetricKeyType !== 'ec' || namedCurve !== CURVES[algorithm]) {
      throw new TypeError(`${where}: ${algorithm} takes an EC key on the curve ${CURVES[algorithm]}`);
    }
    return;
  }
  const isPss = key.asymmetricKeyType === 'rsa-pss' && algorithm.startsWith('PS');
  if (isPss && !hasParametersFor(algorithm, key)) {
    throw new TypeError(`${where}: this RSA-PSS key's parameters do not fit ${algorithm}`);
  }
  if (key.asymmetricKeyType !== 'rsa' && !isPss) throw new TypeError(`${where}: ${algorithm} takes an RSA key`);
  if (modulusLength < SMALLEST_MODULUS) {
    throw new TypeError(`${where}: RSA keys need ${SMALLEST_MODULUS} bits or more (RFC 7518 section 3.3)`);
  }
  if (publicExponent < 3n || publicExponent % 2n === 0n)
    throw new TypeError(`${where}: this RSA key's public exponent is unsafe`);
}

/**
 * The parameters that the algorithm requires of an `rsa-pss` key (RFC 7518 section 3.5). Checked here, because signing would fail later.
 */
function hasParametersFor(algorithm: JwtAlgorithm, key: KeyObject): boolean {
  const bits = hashBitsOf(algorithm);
  const { hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 } = key.asymmetricKeyDetails ?? {};
  return hashAlgorithm === `sha${bits}` && mgf1HashAlgorithm === hashAlgorithm && saltLength <= bits / 8;
}

/** Checks the metadata of a JWK, which a KeyObject does not keep. Returns its `kid`. */
function checkJwk(jwk: Jwk, algorithm: JwtAlgorithm, where: string): string | undefined {
  if (jwk.alg !== undefined && jwk.alg !== algorithm) throw new TypeError(`${where}: this JWK is not for ${algorithm}`);
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new TypeError(`${where}: this JWK's use is not "sig"`);
  if (
    jwk.key_ops !== undefined &&
    !(Array.isArray(jwk.key_ops) && jwk.key_ops.some((op) => op === 'sign' || op === 'verify'))
  ) {
    throw new TypeError(`${where}: this JWK's key_ops allow neither "sign" nor "verify"`);
  }
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string')
    throw new TypeError(`${where}: this JWK's kid is not a string`);
  return jwk.kid;
}

function bytesOf(material: unknown, where: string): Buffer {
  if (typeof material === 'string') return notEmptyBytes(Buffer.from(material, 'utf8'), where);
  if (isUint8Array(material)) return notEmptyBytes(Buffer.from(material), where);
  throw new TypeError(`${where} must be a string, bytes, a KeyObject, a JWK, or { kid, secret }`);
}

function notEmptyBytes(bytes: Buffer, where: string): Buffer {
  if (bytes.length === 0) throw new TypeError(`${where} is empty`);
  return bytes;
}

function isJwk(material: unknown): material is Jwk {
  return typeof material === 'object' && material !== null && 'kty' in material && !(material instanceof KeyObject);
}
