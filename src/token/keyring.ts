import type { KeyObject } from 'node:crypto';
import { familyOf, hashBitsOf, type JwtAlgorithm, signatureLengthOf } from './algorithm.js';
import { importKey, type KeyMaterial } from './key-import.js';

/** A key, alone or with the `kid` by which tokens identify it. */
export type Secret = KeyMaterial | NamedSecret;

/** A key with a `kid`. */
export interface NamedSecret {
  /**
   * Written to the header of tokens that this key signs. 1 to 64 of the characters A-Z a-z 0-9 _ -. It is public, so it
   * must not reveal anything.
   */
  readonly kid: string;
  readonly secret: KeyMaterial;
  /** If given, it must be the storage's algorithm: a key is used with one algorithm only (RFC 8725 section 3.1). */
  readonly algorithm?: JwtAlgorithm | undefined;
}

/** A key in the form that the codec uses. */
export interface Key {
  readonly kid: string | undefined;
  /** The private or secret key; `undefined` if only the public key is known. */
  readonly signing: KeyObject | undefined;
  readonly verifying: KeyObject;
  /** The length of every signature of this key, in characters. */
  readonly signatureLength: number;
}

const KID = /^[A-Za-z0-9_-]{1,64}$/;
const PRINTABLE_KID = /^[\x21-\x7e]{1,128}$/;

/** The keys of a storage, all for the same algorithm: the first signs, all verify. */
export class Keyring {
  readonly #keys: readonly Key[];
  readonly #named: boolean;
  /** Why the secrets are too weak; `undefined` if they are not. Never contains a secret. */
  readonly warning: string | undefined;

  /** `option`: for messages. @throws TypeError that says why a key does not fit the algorithm, without showing it */
  constructor(algorithm: JwtAlgorithm, secrets: readonly Secret[], option = 'jwtSecret') {
    if (familyOf(algorithm) === 'none' || secrets.length === 0) {
      throw new TypeError(`${option}: at least one key is needed`);
    }
    this.#keys = secrets.map((secret, index) =>
      keyOf(secret, algorithm, secrets.length > 1 ? `${option}[${index}]` : option),
    );
    this.#named = this.#keys.some((key) => key.kid !== undefined);
    const names = this.#keys.flatMap((key) => key.kid ?? []);
    if (new Set(names).size < names.length) throw new TypeError(`${option}: two keys have the same kid`);
    if (this.signer === undefined && this.#keys.some((key) => key.signing !== undefined)) {
      throw new TypeError(`${option}: the first key signs, so it must be a private key`);
    }
    this.warning = shortSecretWarning(this.#keys, algorithm);
  }

  /** The key that signs; `undefined` if all keys are public, so that tokens can only be verified. */
  get signer(): (Key & { readonly signing: KeyObject }) | undefined {
    const [first] = this.#keys;
    return first?.signing === undefined ? undefined : { ...first, signing: first.signing };
  }

  /** Whether this is one of the keys, or its public half. */
  has(key: KeyObject): boolean {
    return this.#keys.some(({ verifying }) => verifying.equals(key));
  }

  /** All keys, the signing one first. */
  get all(): readonly Key[] {
    return this.#keys;
  }

  /**
   * The keys that may have signed a token with this `kid` in its header. Without a `kid`, all keys: the token may be
   * older than the names of the keys. With an unknown `kid`, none; but all keys if none of them has a name.
   */
  candidates(kid: unknown): readonly Key[] {
    if (kid === undefined || !this.#named) return this.#keys;
    return this.#keys.filter((key) => key.kid === kid);
  }

  /** Whether a `kid` names a key that is not here, so that another process may have it. */
  lacks(kid: unknown): boolean {
    return kid !== undefined && !this.#keys.some((key) => key.kid === kid);
  }
}

function keyOf(secret: Secret, algorithm: JwtAlgorithm, where: string): Key {
  if (!isNamed(secret)) {
    const { signing, verifying, kid } = importKey(secret, algorithm, where);
    if (kid !== undefined && !PRINTABLE_KID.test(kid)) throw new TypeError(`${where}: kid must be printable ASCII`);
    return makeKey(kid, { signing, verifying }, algorithm);
  }
  for (const name of Object.keys(secret)) {
    if (!['kid', 'secret', 'algorithm'].includes(name))
      throw new TypeError(`${where}: unknown name ${JSON.stringify(name)}`);
  }
  if (typeof secret.kid !== 'string' || !KID.test(secret.kid)) {
    throw new TypeError(`${where}.kid must be 1 to 64 of the characters A-Z a-z 0-9 _ -`);
  }
  if (secret.algorithm !== undefined && secret.algorithm !== algorithm) {
    throw new TypeError(`${where}.algorithm is not ${algorithm}: all keys of a storage serve its one algorithm`);
  }
  const { signing, verifying } = importKey(secret.secret, algorithm, `${where}.secret`);
  return makeKey(secret.kid, { signing, verifying }, algorithm);
}

function makeKey(kid: string | undefined, halves: Pick<Key, 'signing' | 'verifying'>, algorithm: JwtAlgorithm): Key {
  const { modulusLength } = halves.verifying.asymmetricKeyDetails ?? {};
  return { kid, ...halves, signatureLength: signatureLengthOf(algorithm, modulusLength) };
}

function isNamed(secret: Secret): secret is NamedSecret {
  return typeof secret === 'object' && secret !== null && 'secret' in secret && 'kid' in secret;
}

function shortSecretWarning(keys: readonly Key[], algorithm: JwtAlgorithm): string | undefined {
  const bits = hashBitsOf(algorithm);
  const isShort = keys.some((key) => (key.verifying.symmetricKeySize ?? bits) * 8 < bits);
  return isShort
    ? `an HMAC secret is shorter than the ${bits} bits of ${algorithm}'s hash (RFC 7518 section 3.2): make one with "npx sessions-jwt secret"`
    : undefined;
}
