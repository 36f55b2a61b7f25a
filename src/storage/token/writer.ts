import type { KeyObject } from 'node:crypto';
import { newId } from '../../lib/id.js';
import type { DataSchema } from '../../session/data-schema.js';
import { endOf, isTouchDue, type Lifetime, longestLife, withLifetime } from '../../session/expiry.js';
import { refuseEndless } from '../../session/lifetime.js';
import { isModified, type Origin, type SessionState } from '../../session/session-state.js';
import { writeClaims } from '../../token/claims.js';
import type { Codec } from '../../token/codec.js';
import { originOf, type SessionSnapshot, snapshotOf } from '../session-snapshot.js';
import type { TokenSettings } from './options.js';

/** A new token, and the session in it. */
export interface Written<Data, User> {
  readonly origin: Origin;
  readonly snapshot: SessionSnapshot<Data, User>;
}

/** Issues tokens. */
export class TokenWriter<Data, User> {
  readonly #settings: TokenSettings;
  readonly #sessionData: DataSchema<Data>;
  readonly #userData: DataSchema<User>;
  #codec: Codec;

  constructor(settings: TokenSettings, codec: Codec, sessionData: DataSchema<Data>, userData: DataSchema<User>) {
    this.#settings = settings;
    this.#codec = codec;
    this.#sessionData = sessionData;
    this.#userData = userData;
  }

  replaceCodec(codec: Codec): void {
    this.#codec = codec;
  }

  get canWrite(): boolean {
    return this.#codec.canSign;
  }

  usesKey(key: KeyObject): boolean {
    return this.#codec.uses(key);
  }

  /** Whether the token that the session came from is still right: nothing but a recent `lastAccess` has changed. */
  isCurrent(state: SessionState<Data, User>): boolean {
    const { origin } = state;
    if (origin === undefined || isModified(state)) return false;
    return !isTouchDue(this.#settings.resolution, state, origin.lastAccess);
  }

  /** Returns the token that the session came from if it is still right, otherwise a new one. */
  forClient(state: SessionState<Data, User>, now: number): string {
    const { origin } = state;
    return origin !== undefined && this.isCurrent(state) ? origin.sid : this.write(state, now).origin.sid;
  }

  /** @throws TypeError if the lifetime is longer than revocations of this lineage, or of any session, allow for */
  admitLifetime(state: SessionState<Data, User>, life: Lifetime | undefined): void {
    const { origin } = state;
    const { bounds } = this.#settings;
    const wanted = longestLife(withLifetime(bounds, life)) ?? Number.POSITIVE_INFINITY;
    refuseEndless(bounds, life);
    if (origin === undefined) return;
    const isLonger = wanted > (longestLife(withLifetime(bounds, origin.life)) ?? Number.POSITIVE_INFINITY);
    const isSameLineage = state.lineage === origin.lineage;
    if (isLonger && isSameLineage && state.since <= origin.since) {
      throw new TypeError(
        "setLifetime: a token's life is made longer only in the request that signs its user in: call setUser first",
      );
    }
    // A revocation of an id lasts as long as its tokens can live, so tokens with different lifetimes need different
    // ids.
    if (state.id === origin.id) state.id = newId();
    if (isLonger && isSameLineage) state.lineage = state.id;
  }

  /**
   * Signs a token for the session. While the revocation list is stale, it expires no later than the token that the
   * session came from.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws TypeError without a key to sign with
   */
  write(state: SessionState<Data, User>, now: number): Written<Data, User> {
    const { uid } = state;
    const isStale = this.#settings.revocations?.isStale(now) === true;
    const latest = (isStale ? state.origin?.expires : undefined) ?? Number.POSITIVE_INFINITY;
    const expires = Math.min(latest, endOf(this.#settings.bounds, state));
    const sessionData = state.sessionData.checked((data) => this.#sessionData.check(data), this.#sessionData.hasSchema);
    const userData = state.userData.checked(
      (data) => (uid === undefined ? {} : this.#userData.check(data)),
      uid === undefined || this.#userData.hasSchema,
    );
    const snapshot = snapshotOf(state, expires, sessionData, userData);
    const sid = this.#codec.sign(writeClaims(snapshot, this.#settings, now));
    return { origin: originOf(sid, snapshot), snapshot };
  }
}
