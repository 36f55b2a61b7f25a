import type { KeyObject } from 'node:crypto';
import { SessionEnded, SessionExpired, SessionHeadSent, SessionNotFound } from '../../errors.js';
import { newId } from '../../lib/id.js';
import { showAs } from '../../lib/inspect.js';
import { warn } from '../../lib/warn.js';
import type { Clock } from '../../ports/clock.js';
import { DataSchema, type Given } from '../../session/data-schema.js';
import { type Expiry, expiredReason, expiryOf, withLifetime } from '../../session/expiry.js';
import { refuseCalls } from '../../session/other-ways.js';
import type { RegisteredData, RegisteredUser } from '../../session/register.js';
import { hostOf, SessionModel, type SessionRef, stateOf } from '../../session/session.js';
import type { SessionHost } from '../../session/session-host.js';
import { checkSessionRef } from '../../session/session-ref.js';
import { isWithheld, type SessionState, type Withheld } from '../../session/session-state.js';
import { Session } from '../../session/token-session.js';
import { type UserId, uidOf } from '../../session/user.js';
import { Codec } from '../../token/codec.js';
import { Keyring, type Secret } from '../../token/keyring.js';
import { Refusal } from '../../token/refusal.js';
import { secretsOf } from '../../token/secrets.js';
import { currentOf, notOurs, touchOf } from '../arguments.js';
import { STORAGE_ERRORS, type StorageErrors } from '../errors.js';
import { factsOf, SessionEventEmitter } from '../events.js';
import { isLate } from '../late-save.js';
import { STORE_METHODS } from '../method-cures.js';
import { RevocationEntries } from '../revocation/entries.js';
import { sinceOf } from '../revocation/lineage.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import type { Verdict } from '../revocation/revocation-index.js';
import type { RevocationHealth, RevocationList } from '../revocation/revocation-list.js';
import type { RevokeOptions, RevokeResult, RevokeTarget } from '../revocation/target.js';
import type { SessionInfo } from '../session-info.js';
import { beginState, newState } from '../session-snapshot.js';
import type { CommitOptions, CommitResult, OpenOptions, SessionSource, StorageAbilities } from '../session-source.js';
import { isUndecided } from '../undecided.js';
import { TokenCommit } from './commit.js';
import { type SessionStorageOptions, type TokenSettings, tokenSettings } from './options.js';
import { type TokenFacts, TokenReader } from './reader.js';
import type { TokenRegistry } from './registry.js';
import { TokenRevoker } from './revoke.js';
import { TokenWriter } from './writer.js';

/**
 * Keeps sessions in signed tokens, without a store. Any process that has the key can open them without I/O. Pass a
 * {@link RevocationList} to end sessions before they expire.
 *
 * ```ts
 * const storage = new SessionStorage({ jwtSecret, revocations: new RevocationList() });
 * const sid = storage.create({ cart: [] }).setUser('u1').save().forClient();
 * storage.get(sid).uid; // 'u1'
 * ```
 */
export class SessionStorage<Data = RegisteredData, User = RegisteredUser, DataInput = Data>
  implements SessionSource<Session<Data, User>>
{
  static {
    refuseCalls(SessionStorage.prototype, STORE_METHODS, 'storage');
    showAs(SessionStorage.prototype, (storage) => {
      return `SessionStorage ${JSON.stringify({ algorithm: storage.#settings.algorithm, expiry: storage.expiry })}`;
    });
  }

  readonly #settings: TokenSettings;
  readonly #sessionData: DataSchema<Data>;
  readonly #reader: TokenReader<Data, User>;
  readonly #writer: TokenWriter<Data, User>;
  readonly #commit: TokenCommit<Data, User>;
  readonly #revoker: TokenRevoker<Data, User>;
  readonly #registry: TokenRegistry | undefined;
  readonly #host: SessionHost<Data, User>;

  /** The error classes that this storage throws: `error instanceof storage.errors.SessionNotFound`. */
  readonly errors: StorageErrors = STORAGE_ERRORS;
  /** The events of this storage; see `SessionEvents`. */
  readonly events: SessionEventEmitter = new SessionEventEmitter();
  /** What this storage supports. */
  readonly abilities: StorageAbilities;
  /** The timeouts and the resolution in effect, in ms. */
  readonly expiry: Expiry;

  /** @throws TypeError that names the invalid option, or says what is wrong with a key without showing it */
  constructor(options: SessionStorageOptions<Data, User, DataInput>) {
    const settings = tokenSettings(options);
    const { revocations, bounds, resolution, rotationGrace, maxSessionsPerUser, clock } = settings;
    const userData = new DataSchema<User>('userData', options.userData);
    const codec = codecFor(settings, settings.secrets);
    this.#settings = settings;
    this.#sessionData = new DataSchema('sessionData', options.sessionData, options.migrate);
    this.#reader = new TokenReader(settings, codec, this.#sessionData, userData);
    this.#writer = new TokenWriter(settings, codec, this.#sessionData, userData);
    const entries = new RevocationEntries(settings);
    const registry =
      revocations &&
      settings.registry?.open({ bounds, maxSessionsPerUser, clock, revocations, entries, events: this.events });
    this.#registry = registry;
    this.#commit = new TokenCommit(settings, this.#writer, entries, this.events, registry);
    this.#revoker = new TokenRevoker(settings, this.#reader, entries, this.events, registry);
    this.#host = this.#makeHost();
    this.abilities = Object.freeze({
      stateless: true,
      revocation: revocations?.guarantee ?? 'none',
      listOfUser: registry !== undefined,
    });
    this.expiry = Object.freeze({ ...bounds, timeoutResolution: resolution });
    revocations?.remember(rotationGrace);
  }

  /** The clock of this storage. */
  get clock(): Clock {
    return this.#settings.clock;
  }

  /** @internal The list that ends its sessions; `undefined` if there is none. */
  get revocations(): RevocationList | undefined {
    return this.#settings.revocations;
  }

  /** Whether a new session may have empty `sessionData`; false if the schema rejects `{}`. */
  get acceptsEmpty(): boolean {
    return this.#sessionData.acceptsEmpty;
  }

  /**
   * Creates a session with this data and without a user.
   * @throws SessionDataInvalid if JSON or the schema rejects the data
   */
  create(...[data]: Given<DataInput>): Session<Data, User> {
    return this.#fresh(this.#sessionData.check(data ?? {}));
  }

  /**
   * Opens the session of a sid. With `touch: false`, this does not count as activity.
   *
   * Checks the form, the signature, the claims, the revocation list, and then the timeouts. Only then it updates
   * `lastAccess`.
   * @throws SessionNotFound with a `reason` @throws SessionExpired, a subclass of SessionNotFound
   * @throws RevocationsStale (503) if the revocation list is stale and `whenStale` is 'deny'
   * @throws TypeError for an invalid option
   */
  get(sid: unknown, options?: OpenOptions): Session<Data, User> {
    const touch = touchOf(options);
    const now = this.#settings.clock.now();
    const facts = this.#reader.read(sid, now);
    if (facts instanceof Refusal) {
      const { reason, cause, latest } = facts;
      // Who made the others may have chosen their time.
      const ahead = reason === 'not_yet_valid' ? undefined : this.#settings.clockSkew + 1;
      return this.#refuse(new SessionNotFound(sid, { reason, cause, isUndecided: isUndecided(latest, now, ahead) }));
    }
    this.#checkRevoked(facts, now);
    const bounds = withLifetime(this.#settings.bounds, facts.life);
    if (now >= facts.expires || now >= expiryOf(bounds, facts)) {
      return this.#refuse(new SessionExpired(sid, { reason: expiredReason(bounds, facts) }));
    }
    if (this.events.isHeard('loaded')) this.events.emit('loaded', factsOf(facts));
    return new Session(beginState(facts, touch && now > facts.lastAccess ? now : facts.lastAccess, facts), this.#host);
  }

  /** @internal A new session that no client has yet. For `withheld` see `SessionSource`. */
  blank({ withheld = 'no' }: { readonly withheld?: Withheld } = {}): Session<Data, User> {
    const session = this.#fresh(this.#sessionData.check({}));
    const state = stateOf(session);
    state.lazy = true;
    state.withheld = withheld;
    return session;
  }

  /**
   * Completes a request. Ends the session if it was revoked. Issues a new token if the session changed or its
   * `lastAccess` is older than `timeoutResolution`. Otherwise it does nothing. Checks the revocation list again before
   * it issues a token.
   * @throws SessionDataInvalid @throws SessionTooLarge
   * @throws StoreUnavailable if the registry does not answer in time, or the revocation log does not acknowledge in
   * time; the new token of a mere rotation is issued even so
   * @throws TypeError for a session of another storage
   */
  commit(session: Session<Data, User>, options: CommitOptions = {}): CommitResult | Promise<CommitResult> {
    if (!(session instanceof Session) || hostOf(session) !== this.#host) throw notOurs(session);
    return this.#commit.commit(stateOf(session), options);
  }

  /**
   * @internal Settles what a request did to its session without, or after, its response's head: ends the session, or reports a
   * change that no token can carry to the client any more.
   * @throws SessionHeadSent @throws StoreUnavailable when the revocation log does not acknowledge
   */
  commitLate(session: Session<Data, User>): Promise<unknown> | undefined {
    if (stateOf(session).revoked === undefined) {
      if (isLate(stateOf(session))) throw new SessionHeadSent('session');
      return undefined;
    }
    const result = this.commit(session);
    return result instanceof Promise ? result : undefined;
  }

  /** @internal Ends the session of a sid that cannot be judged here, if it is authentic. @throws StoreUnavailable */
  async endUndecided(sid: string): Promise<void> {
    if (this.#settings.revocations !== undefined) await this.#revoker.revoke({ sid }, {});
  }

  /**
   * Ends sessions before they expire: in this process at once, in other processes within the `bound` of the revocation
   * list.
   * @throws TypeError without `revocations`, for an invalid target, or for a `wait` that the log cannot guarantee
   * @throws StoreUnavailable if the log does not acknowledge in time, unless `wait` is 'process'; appending is retried
   */
  async revoke(target: RevokeTarget, options: RevokeOptions = {}): Promise<RevokeResult> {
    return await this.#revoker.revoke(target, options);
  }

  /** Ends one session, as `revoke` does. It has the name that Foxx session storages use. */
  async delete(session: Session<Data, User> | string): Promise<void> {
    await this.revoke(typeof session === 'string' ? { sid: session } : session);
  }

  /**
   * Returns the state of a session that is identified without its sid: 'ended', 'live' if it never expires or its
   * expiry is unknown, or `{ expires }` (ms timestamp). A rotation does not end a session. The expiry is that of the
   * token that opened it, or for an entry of `listOfUser`, of its newest token at that time. Given only
   * `{ id, lineage }`, the expiry is unknown, and a revocation of all of the user's sessions is not detected.
   * @throws RevocationsStale (503) if the revocation list is stale and `whenStale` is 'deny'
   */
  check(ref: SessionRef): 'live' | 'ended' | { readonly expires: number } {
    checkSessionRef('check', ref);
    const now = this.#settings.clock.now();
    const list = this.#settings.revocations;
    list?.checkFresh(now);
    const session = ref instanceof SessionModel ? ref : undefined;
    const isRevoked = session !== undefined && stateOf(session).revoked !== undefined;
    const expires = session?.getExpiry() ?? this.#registry?.known(ref)?.expires ?? Number.POSITIVE_INFINITY;
    if (isRevoked || session?.hasExpired() || expires <= now || this.#isRevoked(ref, now)) return 'ended';
    return expires === Number.POSITIVE_INFINITY ? 'live' : { expires };
  }

  /**
   * Returns a user's sessions, the last used first, without those that have ended. `current` sets `isCurrent` of that
   * session. Set `session.info` to describe the device of a session. Sessions are as old as their newest token that
   * `commit` issued.
   * @throws TypeError without `registry`, or if `uid` is not a valid user id
   * @throws StoreUnavailable @throws RevocationsStale (503) if the revocation list is stale and `whenStale` is 'deny'
   */
  async listOfUser(
    uid: UserId,
    options?: { readonly current?: SessionRef | undefined },
  ): Promise<readonly SessionInfo[]> {
    const current = currentOf(options);
    if (this.#registry !== undefined) return await this.#registry.list(uidOf(uid), current);
    throw new TypeError(
      'listOfUser: sessions in tokens can be listed only with a registry: give SessionStorage the option registry: new SessionRegistry(store), or use a ServerSessionStorage',
    );
  }

  /**
   * Replaces the keys without a restart. The first key signs, all verify. Tokens of removed keys are refused at once.
   * @throws TypeError that says what is wrong with a key without showing it; the old keys stay in use
   */
  replaceKeys(jwtSecret: Secret | readonly Secret[]): void {
    if (this.#settings.algorithm === 'none')
      throw new TypeError("SessionStorage: jwtAlgorithm 'none' takes no jwtSecret");
    const codec = codecFor(this.#settings, secretsOf(jwtSecret));
    this.#reader.replaceCodec(codec);
    this.#writer.replaceCodec(codec);
  }

  /** @internal Whether it signs or verifies sessions with this key. */
  usesKey(key: KeyObject): boolean {
    return this.#writer.usesKey(key);
  }

  /** Resolves when the revocation list has read its whole log; at once without `revocations`. */
  async ready(): Promise<void> {
    await this.#settings.revocations?.ready();
  }

  /** Returns the state of the revocation list; `undefined` without one. */
  health(): RevocationHealth | undefined {
    return this.#settings.revocations?.health();
  }

  /**
   * Clears the token cache, and stops sweeping the registry. The revocation list and the store of the registry stay
   * open, because other storages may use them: close them yourself.
   */
  async close(): Promise<void> {
    this.#registry?.close();
    this.#reader.clear();
  }

  #makeHost(): SessionHost<Data, User> {
    const { clock, bounds, revocations } = this.#settings;
    return {
      clock,
      bounds,
      newId,
      since: (uid, now) => sinceOf(revocations, uid, now),
      admitLifetime: (state, life) => this.#writer.admitLifetime(state, life),
      isKnownToBeOver: (state) => revocations?.hasEnded(state, clock.now()) ?? false,
      checkFresh: () => revocations?.checkFresh(clock.now()),
      admitLate: (_state, what) => admitLate(what, revocations !== undefined),
      forClient: (state) => {
        const now = clock.now();
        if (isWithheld(state)) throw new SessionEnded(SUPERSEDED);
        this.#refuseLaundering(state, now);
        return this.#writer.forClient(state, now);
      },
    };
  }

  /** A replaced token must not yield a new one, also outside of `commit`. @throws SessionEnded */
  #refuseLaundering(state: SessionState<Data, User>, now: number): void {
    const { origin } = state;
    if (origin === undefined || origin.id === state.id) return;
    const verdict = this.#settings.revocations?.findNames(origin, now);
    if (verdict !== undefined) throw new SessionEnded(verdict.reason);
  }

  #fresh(data: Data & object): Session<Data, User> {
    const now = this.#settings.clock.now();
    return new Session(newState(newId(), data, now, this.#host.since(undefined, now)), this.#host);
  }

  #isRevoked(ref: SessionRef, now: number): boolean {
    const list = this.#settings.revocations;
    const known = ref instanceof SessionModel ? stateOf(ref) : this.#registry?.known(ref);
    const verdict = known === undefined ? list?.findNames(ref, now) : list?.find(known, now);
    // A rotation replaces a token. A session is replaced with its lineage.
    const isReplaced = verdict?.reason === SUPERSEDED;
    return (isReplaced ? list?.findNames({ lineage: ref.lineage }, now) : verdict) !== undefined;
  }

  #checkRevoked(facts: TokenFacts<Data, User>, now: number): void {
    const list = this.#settings.revocations;
    if (list === undefined) return;
    list.checkFresh(now);
    if (facts.clearedAt === list.version) return;
    const verdict = list.find(facts, now);
    if (verdict === undefined) facts.clearedAt = list.version;
    else if (verdict.at <= now) this.#refuseRevoked(facts, verdict, now);
  }

  #refuseRevoked(facts: TokenFacts<Data, User>, { reason, handedOver, at }: Verdict, now: number): never {
    const withinGrace = handedOver && now - at < this.#settings.rotationGrace;
    if (reason === SUPERSEDED && !withinGrace) {
      this.events.emit('reused', factsOf(facts));
      if (this.#settings.onReuse === 'revoke') this.#revoker.endReused(facts, now);
    }
    return this.#refuse(new SessionNotFound(facts.sid, { reason, withinGrace }));
  }

  #refuse(error: SessionNotFound): never {
    if (error.reason !== 'missing') this.events.emit('refused', { reason: error.reason });
    throw error;
  }
}

/** Of a token, nothing but its end reaches other requests once it was sent. @throws SessionHeadSent */
function admitLate(what: string, canRevoke: boolean): void {
  if (what !== 'revoke') throw new SessionHeadSent(what);
  if (!canRevoke)
    throw new SessionHeadSent(what, 'call it before the response begins, or pass revocations: new RevocationList()');
}

function codecFor({ algorithm }: TokenSettings, secrets: readonly Secret[]): Codec {
  if (algorithm === 'none') {
    warn('SESSIONS_UNSIGNED', "jwtAlgorithm 'none' signs nothing: anyone can write a session of their own");
    return new Codec(algorithm, undefined);
  }
  const keyring = new Keyring(algorithm, secrets);
  if (keyring.warning !== undefined) warn('SESSIONS_SHORT_SECRET', `jwtSecret: ${keyring.warning}`);
  return new Codec(algorithm, keyring);
}
