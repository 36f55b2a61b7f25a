import type { KeyObject } from 'node:crypto';
import jwt from '#jsonwebtoken';
import { SessionTooLarge } from '../errors.js';
import type { JwtAlgorithm } from './algorithm.js';
import { claimedTime } from './claimed-time.js';
import { type Dots, dotsOf, hasOnlyBase64url, LONGEST_TOKEN } from './compact-form.js';
import { readHeader, SESSION_TOKEN, type TokenKind } from './header.js';
import type { Key, Keyring } from './keyring.js';
import { Refusal, type TokenReason } from './refusal.js';
import { isSignatureOf } from './signature.js';

type VerifyingKey = Pick<Key, 'signatureLength'> & { readonly verifying: Key['verifying'] | '' };

/** Characters of a token that `jsonwebtoken` may parse before it looks at the signature: so few cost no more than the signature. */
const CHEAP = 1_024;

/** Tokens after a refused one whose signature is checked first: the errors of `jsonwebtoken` cost more than a valid token. */
const WARY_FOR = 1_000;

/** What counts of the header of this codec's own tokens: no other key is needed for them. */
const OWN = { kid: undefined };

/** The keys of the algorithm 'none'. */
const UNSIGNED: readonly VerifyingKey[] = [{ signatureLength: 0, verifying: '' }];

/**
 * Signs and verifies compact JWS with `jsonwebtoken`, with one algorithm only. It also checks what that library does
 * not: size, canonical base64url, `crit`, `b64`, `typ` and the length of the signature.
 */
export class Codec {
  readonly #algorithm: JwtAlgorithm;
  readonly #kind: TokenKind;
  readonly #keyring: Keyring | undefined;
  readonly #verifyOptions: jwt.VerifyOptions;
  readonly #signOptions: jwt.SignOptions;
  readonly #signer: Key | undefined;
  /** The header of this codec's own tokens with its dot, and the keys that may have signed a token with it. */
  readonly #ownHeader: string;
  readonly #ownKeys: readonly VerifyingKey[];
  /** How many more tokens are checked before `jsonwebtoken` sees them. */
  #wary = 0;

  /** `keyring`: `undefined` for the algorithm 'none' only. */
  constructor(algorithm: JwtAlgorithm, keyring: Keyring | undefined, kind: TokenKind = SESSION_TOKEN) {
    this.#algorithm = algorithm;
    this.#kind = kind;
    this.#keyring = keyring;
    this.#signer = keyring?.signer;
    this.#verifyOptions = Object.freeze({ algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
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
    const signatureLength = token.length - dots.second - 1;
    const possible = keys.filter((key) => key.signatureLength === signatureLength);
    const isCheap = possible.length === 1 && token.length <= CHEAP && this.#wary === 0;
    const key = isCheap ? possible[0] : possible.find(({ verifying }) => this.#isSigned(token, dots, verifying));
    const verified =
      key === undefined ? refusalOf(token, claimed) : this.#verifyWith(key.verifying, token, dots, claimed);
    if (verified instanceof Refusal) this.#wary = WARY_FOR;
    else if (this.#wary > 0) this.#wary -= 1;
    return verified;
  }

  #isSigned(token: string, { second }: Dots, key: VerifyingKey['verifying']): boolean {
    return key === '' || isSignatureOf(token.slice(0, second), token.slice(second + 1), key, this.#algorithm);
  }

  #verifyWith(
    key: VerifyingKey['verifying'],
    token: string,
    dots: Dots,
    claimed: number | undefined,
  ): { readonly token: string; readonly payload: unknown } | Refusal<TokenReason> {
    try {
      return { token, payload: jwt.verify(token, key, this.#verifyOptions) };
    } catch (cause) {
      // The library parses the payload of a `typ: JWT` before it checks the signature, and throws for `null` after it.
      if (cause instanceof jwt.JsonWebTokenError || !this.#isSigned(token, dots, key)) return refusalOf(token, claimed);
      // The original error is not passed on: its message quotes text that an attacker may have written.
      if (cause instanceof SyntaxError) return new Refusal('malformed', new SyntaxError('the payload is not JSON'));
      return new Refusal('invalid_claims', cause);
    }
  }
}

/** The refusal of a token whose signature is wrong, perhaps because it is not a token. `claimed`: if another process may have its key. */
function refusalOf(token: string, claimed: number | undefined): Refusal<TokenReason> {
  return hasOnlyBase64url(token) ? new Refusal('bad_signature', undefined, claimed) : new Refusal('malformed');
}
