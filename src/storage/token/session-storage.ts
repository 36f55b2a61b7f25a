import { SessionEnded, SessionExpired, SessionNotFound } from '../../errors.js';
import { newId } from '../../lib/id.js';
import { showAs } from '../../lib/inspect.js';
import { warn } from '../../lib/warn.js';
import type { Clock } from '../../ports/clock.js';
import { DataSchema, type Given } from '../../session/data-schema.js';
import { type Expiry, expiredReason, expiryOf, withLifetime } from '../../session/expiry.js';
import { refuseCalls } from '../../session/other-ways.js';
import type { RegisteredData, RegisteredUser } from '../../session/register.js';
import { hostOf, Session, SessionModel, type SessionRef, stateOf } from '../../session/session.js';
import type { SessionHost } from '../../session/session-host.js';
import { checkSessionRef } from '../../session/session-ref.js';
import type { SessionState } from '../../session/session-state.js';
import { Codec } from '../../token/codec.js';
import { Keyring, type Secret } from '../../token/keyring.js';
import { Refusal } from '../../token/refusal.js';
import { notOurs, touchOf } from '../arguments.js';
import { STORAGE_ERRORS, type StorageErrors } from '../errors.js';
import { factsOf, SessionEventEmitter } from '../events.js';
import { STORE_METHODS } from '../method-cures.js';
import { RevocationEntries } from '../revocation/entries.js';
import { sinceOf } from '../revocation/lineage.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import type { Verdict } from '../revocation/revocation-index.js';
import type { RevocationHealth } from '../revocation/revocation-list.js';
import type { RevokeOptions, RevokeResult, RevokeTarget } from '../revocation/target.js';
import { beginState, newState } from '../session-snapshot.js';
import type { CommitOptions, CommitResult, OpenOptions, SessionSource, StorageAbilities } from '../session-source.js';
import { TokenCommit } from './commit.js';
import { type SessionStorageOptions, secretsOf, type TokenSettings, tokenSettings } from './options.js';
import { type TokenFacts, TokenReader } from './reader.js';
import { TokenRevoker } from './revoke.js';
import { TokenWriter } from './writer.js';

/**
 * Sessions carried in signed tokens: nothing is stored, any process holding the key can read them, and a
 * {@link RevocationList} ends them before their time.
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
  readonly #host: SessionHost<Data, User>;

  /** The error classes this storage throws: `error instanceof storage.errors.SessionNotFound`. */
  readonly errors: StorageErrors = STORAGE_ERRORS;
  /** What it tells; see `SessionEvents`. */
  readonly events: SessionEventEmitter = new SessionEventEmitter();
  /** What it can do. */
  readonly abilities: StorageAbilities;
  /** The bounds in force. */
  readonly expiry: Expiry;

  /** @throws TypeError naming the option that is wrong, or what is wrong with a key, never showing it */
  constructor(options: SessionStorageOptions<Data, User, DataInput>) {
    const settings = tokenSettings(options);
    const { revocations, bounds, resolution, rotationGrace } = settings;
    const userData = new DataSchema<User>('userData', options.userData);
    const codec = codecFor(settings, settings.secrets);
    this.#settings = settings;
    this.#sessionData = new DataSchema('sessionData', options.sessionData, options.migrate);
    this.#reader = new TokenReader(settings, codec, this.#sessionData, userData);
    this.#writer = new TokenWriter(settings, codec, this.#sessionData, userData);
    const entries = new RevocationEntries(settings);
    this.#commit = new TokenCommit(settings, this.#writer, entries, this.events);
    this.#revoker = new TokenRevoker(settings, this.#reader, entries, this.events);
    this.#host = this.#makeHost();
    this.abilities = Object.freeze({
      stateless: true,
      revocation: revocations?.guarantee ?? 'none',
      listOfUser: false,
    });
    this.expiry = Object.freeze({ ...bounds, timeoutResolution: resolution });
    revocations?.remember(rotationGrace);
  }

  /** Where this storage's time comes from. */
  get clock(): Clock {
    return this.#settings.clock;
  }

  /** Whether a session may begin with empty sessionData: false when the schema demands more. */
  get acceptsEmpty(): boolean {
    return this.#sessionData.acceptsEmpty;
  }

  /** A new session with this data, signed in as nobody. @throws SessionDataInvalid */
  create(...[data]: Given<DataInput>): Session<Data, User> {
    return this.#fresh(this.#sessionData.check(data ?? {}));
  }

  /**
   * The session that a sid opens. `touch: false` looks without counting as activity.
   *
   * Judged in this order: form, signature, claims, revocation, then expiry by the stored timestamps, and only then is
   * lastAccess moved.
   * @throws SessionNotFound with the reason @throws SessionExpired which is a SessionNotFound
   * @throws RevocationsStale (503) when the revocation list cannot be trusted
   */
  get(sid: unknown, options?: OpenOptions): Session<Data, User> {
    const touch = touchOf(options);
    const now = this.#settings.clock.now();
    const facts = this.#reader.read(sid, now);
    if (facts instanceof Refusal) return this.#refuse(new SessionNotFound(sid, facts));
    this.#checkRevoked(facts, now);
    const bounds = withLifetime(this.#settings.bounds, facts.life);
    if (now >= facts.expires || now >= expiryOf(bounds, facts)) {
      return this.#refuse(new SessionExpired(sid, { reason: expiredReason(bounds, facts) }));
    }
    if (this.events.isHeard('loaded')) this.events.emit('loaded', factsOf(facts));
    return new Session(beginState(facts, touch && now > facts.lastAccess ? now : facts.lastAccess, facts), this.#host);
  }

  /** @internal A new session that nobody holds; with `withheld`, nobody ever will. */
  blank({ withheld = false }: { readonly withheld?: boolean } = {}): Session<Data, User> {
    const session = this.#fresh(this.#sessionData.check({}));
    const state = stateOf(session);
    state.lazy = true;
    state.withheld = withheld;
    return session;
  }

  /**
   * Settles a session at the end of a request: ends it, issues it anew because something changed or its lastAccess grew
   * older than the resolution, or leaves it alone. Asks the revocation list again right before it issues.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable when the revocation log does not acknowledge
   */
  commit(session: Session<Data, User>, options: CommitOptions = {}): CommitResult | Promise<CommitResult> {
    if (!(session instanceof Session) || hostOf(session) !== this.#host) throw notOurs(session);
    return this.#commit.commit(stateOf(session), options);
  }

  /**
   * Ends sessions before their time: in this process at once, elsewhere within the list's bound.
   * @throws TypeError without `revocations`, for a target that names nothing, or a `wait` that the log cannot give
   * @throws StoreUnavailable when the log does not acknowledge in time; it is still tried until it does
   */
  async revoke(target: RevokeTarget, options: RevokeOptions = {}): Promise<RevokeResult> {
    return await this.#revoker.revoke(target, options);
  }

  /** Ends one session: `revoke` by its ancestors' name. */
  async delete(session: Session<Data, User> | string): Promise<void> {
    await this.revoke(typeof session === 'string' ? { sid: session } : session);
  }

  /**
   * Whether a session, named without its sid, is known to be over: 'ended', or else until when it lives, if that is known. Of mere
   * names it is not known whose they are: that all sessions of its user were ended shows in a session only.
   * @throws RevocationsStale (503)
   */
  check(ref: SessionRef): 'live' | 'ended' | { readonly expires: number } {
    checkSessionRef('check', ref);
    const now = this.#settings.clock.now();
    const list = this.#settings.revocations;
    list?.checkFresh(now);
    const session = ref instanceof SessionModel ? ref : undefined;
    const verdict = session === undefined ? list?.findNames(ref, now) : list?.find(stateOf(session), now);
    if (session?.isEnded || (verdict !== undefined && verdict.at <= now)) return 'ended';
    const expires = session?.getExpiry() ?? Number.POSITIVE_INFINITY;
    return expires === Number.POSITIVE_INFINITY ? 'live' : { expires };
  }

  /**
   * Other keys from now on, without a restart: the first signs, all verify. A token of a key that is gone is refused at once.
   * @throws TypeError what is wrong with a key, never showing it; then the old keys stay
   */
  replaceKeys(jwtSecret: Secret | readonly Secret[]): void {
    if (this.#settings.algorithm === 'none')
      throw new TypeError("SessionStorage: jwtAlgorithm 'none' takes no jwtSecret");
    const codec = codecFor(this.#settings, secretsOf(jwtSecret));
    this.#reader.replaceCodec(codec);
    this.#writer.replaceCodec(codec);
  }

  /** Resolves when sessions can be judged: the revocation list knows all that its log holds. */
  async ready(): Promise<void> {
    await this.#settings.revocations?.ready();
  }

  /** How the revocation list is; `undefined` without one. */
  health(): RevocationHealth | undefined {
    return this.#settings.revocations?.health();
  }

  /** Forgets what is remembered of tokens. The revocation list, which others may share, stays open: close it yourself. */
  async close(): Promise<void> {
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
      forClient: (state) => {
        const now = clock.now();
        this.#refuseLaundering(state, now);
        return this.#writer.forClient(state, now);
      },
    };
  }

  /** A token that was replaced gives no new one, outside a commit either. @throws SessionEnded */
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
    if (reason === SUPERSEDED && !withinGrace) this.events.emit('reused', factsOf(facts));
    return this.#refuse(new SessionNotFound(facts.sid, { reason, withinGrace }));
  }

  #refuse(error: SessionNotFound): never {
    if (error.reason !== 'missing') this.events.emit('refused', { reason: error.reason });
    throw error;
  }
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
