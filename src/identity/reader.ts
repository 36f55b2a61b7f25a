import type { Parties } from '../token/claims.js';
import { Codec } from '../token/codec.js';
import type { TokenKind } from '../token/header.js';
import type { Keyring } from '../token/keyring.js';
import { Refusal } from '../token/refusal.js';
import { VerifiedCache } from '../token/verified-cache.js';
import { type Identity, type IdentityClaims, readIdentity } from './claims.js';
import type { IdentityReason } from './errors.js';
import type { IdentityAlgorithm } from './options.js';

/** Tokens that say who is signed in. Unlike a session's, their `typ` is required. */
export const IDENTITY_TOKEN: TokenKind = { typ: 'identity+jwt', accepted: ['identity+jwt'] };

/** How many verified tokens are cached: a client shows its token many times within its life. */
const CACHE_SIZE = 10_000;

/** What a token is checked against. */
export interface ReaderSettings extends Parties {
  readonly jwtAlgorithm: IdentityAlgorithm;
  /** How far ahead the clock of the issuer may be, in ms. */
  readonly clockSkew: number;
}

/** Verifies identity tokens with a fixed set of keys. */
export class IdentityReader {
  readonly #codec: Codec;
  readonly #settings: ReaderSettings;
  readonly #cache = new VerifiedCache<IdentityClaims>(CACHE_SIZE);

  constructor(keyring: Keyring, settings: ReaderSettings) {
    this.#codec = new Codec(settings.jwtAlgorithm, keyring, IDENTITY_TOKEN);
    this.#settings = settings;
  }

  /** The identity of a token, or why it is refused. `now`: ms timestamp. */
  read(token: unknown, now: number): Identity | IdentityReason {
    const claims = this.#claimsOf(token);
    if (typeof claims === 'string') return claims;
    if (claims.begins > now + this.#settings.clockSkew) return 'not_yet_valid';
    return claims.identity.expires <= now ? 'expired' : claims.identity;
  }

  #claimsOf(token: unknown): IdentityClaims | IdentityReason {
    const known = typeof token === 'string' ? this.#cache.get(token) : undefined;
    if (known !== undefined) return known;
    const verified = this.#codec.verify(token);
    if (verified instanceof Refusal) return verified.reason;
    const claims = readIdentity(verified.payload, this.#settings);
    if (typeof claims !== 'string') this.#cache.offer(verified.token, claims);
    return claims;
  }
}
