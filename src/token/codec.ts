import type { KeyObject } from 'node:crypto';
import type { SignOptions } from 'jsonwebtoken';
import jwt from '#jsonwebtoken';
import { SessionTooLarge } from '../errors.js';
import type { JwtAlgorithm } from './algorithm.js';
import { claimedTime } from './claimed-time.js';
import { type Dots, dotsOf, hasOnlyBase64url, LONGEST_TOKEN } from './compact-form.js';
import { readHeader, SESSION_TOKEN, type TokenKind } from './header.js';
import type { Key, Keyring } from './keyring.js';
import { Refusal, type TokenReason } from './refusal.js';
import { type SignatureCheck, signatureCheckOf } from './signature.js';

type VerifyingKey = Pick<Key, 'signatureLength'> & { readonly verifying: Key['verifying'] | '' };

/** What counts of the header of this codec's own tokens: no other key is needed for them. */
const OWN = { kid: undefined };

/** The keys of the algorithm 'none'. */
const UNSIGNED: readonly VerifyingKey[] = [{ signatureLength: 0, verifying: '' }];

/**
 * Signs compact JWS with `jsonwebtoken`, and verifies them, with one algorithm only: size, canonical base64url, `alg`, `crit`, `b64`, `typ`,
 * the length of the signature and the signature itself. Of a token that fails, nothing but a short header is parsed.
 */
export class Codec {
  readonly #algorithm: JwtAlgorithm;
  readonly #kind: TokenKind;
  readonly #keyring: Keyring | undefined;
  readonly #check: SignatureCheck;
  readonly #signOptions: SignOptions;
  readonly #signer: Key | undefined;
  /** The header of this codec's own tokens with its dot, and the keys that may have signed a token with it. */
  readonly #ownHeader: string;
  readonly #ownKeys: readonly VerifyingKey[];

  /** `keyring`: `undefined` for the algorithm 'none' only. */
  constructor(algorithm: JwtAlgorithm, keyring: Keyring | undefined, kind: TokenKind = SESSION_TOKEN) {
    this.#algorithm = algorithm;
    this.#kind = kind;
    this.#keyring = keyring;
    this.#signer = keyring?.signer;
    this.#check = signatureCheckOf(algorithm);
    const header = {
      alg: algorithm,
      typ: kind.typ,
      ...(this.#signer?.kid === undefined ? {} : { kid: this.#signer.kid }),
    };
    this.#signOptions = Object.freeze({ algorithm, header: Object.freeze(header) });
    this.#ownHeader = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.`;
    this.#ownKeys = keyring === undefined ? UNSIGNED : keyring.candidates(this.#signer?.kid);
  }

  /** Whether there is a key to sign with. Public keys can only verify. */
  get canSign(): boolean {
    return this.#keyring === undefined || this.#signer !== undefined;
  }

  /** Whether this is one of the keys, or its public half. */
  uses(key: KeyObject): boolean {
    return this.#keyring?.has(key) ?? false;
  }

  /** @throws TypeError if there are only public keys @throws SessionTooLarge over 16 KiB */
  sign(payload: string): string {
    const key = this.#signer?.signing;
    if (key === undefined && this.#keyring !== undefined) {
      throw new TypeError('jwtSecret holds public keys only: this storage verifies tokens and cannot issue any');
    }
    const token = jwt.sign(payload, key ?? '', this.#signOptions);
    if (token.length > LONGEST_TOKEN) throw new SessionTooLarge('token', token.length, LONGEST_TOKEN);
    return token;
  }

  /** Checks the form and signature of a token. Returns its payload, or why it is refused. */
  verify(token: unknown): { readonly token: string; readonly payload: unknown } | Refusal<TokenReason> {
    if (token === undefined || token === null || token === '') return new Refusal('missing');
    if (typeof token !== 'string') return new Refusal('malformed');
    if (token.length > LONGEST_TOKEN) return new Refusal('too_large');
    const dots = dotsOf(token);
    if (dots === undefined) return new Refusal('malformed');
    const isOwn = token.startsWith(this.#ownHeader);
    const header = isOwn ? OWN : readHeader(token.slice(0, dots.first), this.#algorithm, this.#kind);
    if (header instanceof Refusal) return header;
    const keys = isOwn ? this.#ownKeys : (this.#keyring?.candidates(header.kid) ?? UNSIGNED);
    const claimed = this.#keyring?.lacks(header.kid) ? claimedTime(token, dots) : undefined;
    if (keys.length === 0) return new Refusal('unknown_key', undefined, claimed);
    if (!hasOnlyBase64url(token)) return new Refusal('malformed');
    if (!this.#isSigned(token, dots, keys)) return new Refusal('bad_signature', undefined, claimed);
    return { token, payload: parsed(Buffer.from(token.slice(dots.first + 1, dots.second), 'base64url').toString()) };
  }

  #isSigned(token: string, { second }: Dots, keys: readonly VerifyingKey[]): boolean {
    const input = token.slice(0, second);
    const signature = token.slice(second + 1);
    return keys.some(
      ({ signatureLength, verifying }) =>
        signatureLength === signature.length && (verifying === '' || this.#check(input, signature, verifying)),
    );
  }
}

/** The value of a JSON text; of any other, the text itself, which is no claims. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
