import { DEEPEST, nestsDeeperThan } from '../../lib/json.js';
import type { DataSchema } from '../../session/data-schema.js';
import type { Origin } from '../../session/session-state.js';
import { type Claims, readClaims } from '../../token/claims.js';
import type { Codec } from '../../token/codec.js';
import { Refusal } from '../../token/refusal.js';
import { VerifiedCache } from '../../token/verified-cache.js';
import type { SessionSnapshot } from '../session-snapshot.js';
import type { TokenSettings } from './options.js';

/** A shorter token cannot nest deeper than a session may: each level takes two brackets, in base64. */
const DEEP_TOKEN = Math.floor((DEEPEST * 2 * 4) / 3);

/** The session of a verified token, with typed data. All sessions that are opened with the token share it. */
export interface TokenFacts<Data, User> extends Origin, SessionSnapshot<Data, User> {
  /** The version of the revocation list at which it was last found not revoked; -1 if it was not checked yet. */
  clearedAt: number;
}

/**
 * Verifies tokens: signature, claims and data. It does not check revocation and timeouts, whose results change over
 * time.
 */
export class TokenReader<Data, User> {
  readonly #settings: TokenSettings;
  readonly #sessionData: DataSchema<Data>;
  readonly #userData: DataSchema<User>;
  readonly #cache: VerifiedCache<TokenFacts<Data, User>>;
  #codec: Codec;

  constructor(settings: TokenSettings, codec: Codec, sessionData: DataSchema<Data>, userData: DataSchema<User>) {
    this.#settings = settings;
    this.#codec = codec;
    this.#sessionData = sessionData;
    this.#userData = userData;
    // The cache finds tokens by their signature, and an unsigned token has none.
    this.#cache = new VerifiedCache(settings.algorithm === 'none' ? 0 : settings.cacheSize);
  }

  /** Uses other keys from now on. Tokens that the old keys verified are removed from the cache. */
  replaceCodec(codec: Codec): void {
    this.#codec = codec;
    this.#cache.clear();
  }

  /** Clears the cache. */
  clear(): void {
    this.#cache.clear();
  }

  read(sid: unknown, now: number): TokenFacts<Data, User> | Refusal {
    const known = typeof sid === 'string' ? this.#cache.get(sid) : undefined;
    if (known !== undefined) return known;
    const verified = this.#codec.verify(sid);
    if (verified instanceof Refusal) return verified;
    if (verified.token.length > DEEP_TOKEN && nestsDeeperThan(DEEPEST + 1, verified.payload)) {
      return new Refusal('invalid_claims');
    }
    const claims = readClaims(verified.payload, this.#settings, now, this.#settings.clockSkew);
    if (claims instanceof Refusal) return claims;
    const facts = this.#factsOf(verified.token, claims);
    if (!(facts instanceof Refusal)) this.#cache.offer(facts.sid, facts);
    return facts;
  }

  #factsOf(sid: string, claims: Claims): TokenFacts<Data, User> | Refusal {
    try {
      const { data, migrated } = this.#sessionData.load(claims.sessionData);
      const userData = claims.uid === undefined ? {} : this.#userData.load(claims.userData).data;
      const { id, lineage, uid, created, lastAccess, lastUpdate, since, authenticatedAt, life, info, expires } = claims;
      // A literal, because that is faster: see SessionSnapshot.
      return {
        sid,
        id,
        lineage,
        uid,
        created,
        lastAccess,
        lastUpdate,
        since,
        authenticatedAt,
        life,
        info,
        expires,
        sessionData: data,
        userData,
        migrated,
        clearedAt: -1,
      };
    } catch (cause) {
      return new Refusal('invalid_data', cause, claims.lastAccess, claims);
    }
  }
}
