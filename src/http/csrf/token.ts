import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token belongs to: the lineage of a session or, while there is none, the nonce of the client's cookie. */
export interface CsrfBinding {
  readonly kind: 'lineage' | 'nonce';
  readonly value: string;
}

/** Why a token does not fit: not a token, not one of these keys, or one of another session or nonce. */
export type CsrfTokenProblem = 'token_malformed' | 'token_invalid' | 'token_stale';

const HASH = 'sha256';
const SIZE = 32;
const TAG_SIZE = 16;
const PART = 43;
const FORM = new RegExp(`^[A-Za-z0-9_-]{${PART}}\\.[A-Za-z0-9_-]{${PART}}$`);

interface Parts {
  readonly mac: Buffer;
  readonly random: Buffer;
}

/**
 * CSRF tokens: `mac.random` in base64url (OWASP CSRF cheat sheet, HMAC-based tokens). `mac` is HMAC-SHA-256 over the binding and
 * `random`. `random` has 16 random bytes and a MAC of these alone, so that a token of another session can be told from a forged one.
 */
export class CsrfTokens {
  readonly #keys: readonly [KeyObject, ...KeyObject[]];

  /** @param secrets the first signs, all verify. The keys are derived from them (HKDF), and serve no other purpose. */
  constructor([first, ...others]: readonly [Uint8Array, ...Uint8Array[]]) {
    this.#keys = [keyOf(first), ...others.map(keyOf)];
  }

  /** A new token; each is different, so that compressed pages do not reveal one (BREACH). */
  create(binding: CsrfBinding): string {
    return this.#sign(binding, this.#random());
  }

  /** The cookie of a client without a session, and what its tokens are bound to: it is a token, bound to its own random part. */
  createNonce(): { readonly cookie: string; readonly binding: CsrfBinding } {
    const random = this.#random();
    const binding = bindingTo(random);
    return { cookie: this.#sign(binding, random), binding };
  }

  /** What tokens of a client without a session are bound to; `undefined` if the cookie is not one of {@link createNonce}. */
  nonceOf(cookie: string): CsrfBinding | undefined {
    const parts = parse(cookie);
    if (parts === undefined) return undefined;
    const binding = bindingTo(parts.random);
    return this.problemOf(cookie, binding) === undefined ? binding : undefined;
  }

  /** Why the token does not fit the binding; `undefined` if it does. Without a binding, none fits. */
  problemOf(token: unknown, binding: CsrfBinding | undefined): CsrfTokenProblem | undefined {
    const parts = typeof token === 'string' ? parse(token) : undefined;
    if (parts === undefined) return 'token_malformed';
    const { mac, random } = parts;
    if (binding !== undefined && this.#keys.some((key) => timingSafeEqual(macOf(key, binding, random), mac))) {
      return undefined;
    }
    const [start, tag] = [random.subarray(0, SIZE - TAG_SIZE), random.subarray(SIZE - TAG_SIZE)];
    const isOurs = this.#keys.some((key) => timingSafeEqual(tagOf(key, start), tag));
    return isOurs ? 'token_stale' : 'token_invalid';
  }

  #random(): Buffer {
    const start = randomBytes(SIZE - TAG_SIZE);
    return Buffer.concat([start, tagOf(this.#keys[0], start)]);
  }

  #sign(binding: CsrfBinding, random: Buffer): string {
    return `${macOf(this.#keys[0], binding, random).toString('base64url')}.${random.toString('base64url')}`;
  }
}

function keyOf(secret: Uint8Array): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync(HASH, secret, '', 'sessions-jwt csrf', SIZE)));
}

function bindingTo(random: Buffer): CsrfBinding {
  return { kind: 'nonce', value: random.toString('base64url') };
}

function macOf(key: KeyObject, { kind, value }: CsrfBinding, random: Buffer): Buffer {
  return hmac(key, kind, value, random);
}

function tagOf(key: KeyObject, start: Buffer): Buffer {
  return hmac(key, 'random', start).subarray(0, TAG_SIZE);
}

/** Each field has its length before it: no two lists of fields give the same bytes. */
function hmac(key: KeyObject, ...fields: readonly (string | Buffer)[]): Buffer {
  const mac = createHmac(HASH, key);
  for (const field of fields) {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    mac.update(length).update(bytes);
  }
  return mac.digest();
}

/** `undefined` for anything but two parts of 32 bytes in their one spelling. */
function parse(token: string): Parts | undefined {
  if (token.length !== 2 * PART + 1 || !FORM.test(token)) return undefined;
  const mac = Buffer.from(token.slice(0, PART), 'base64url');
  const random = Buffer.from(token.slice(PART + 1), 'base64url');
  const isCanonical = `${mac.toString('base64url')}.${random.toString('base64url')}` === token;
  return isCanonical ? { mac, random } : undefined;
}
