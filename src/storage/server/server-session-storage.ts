import { SessionNotFound } from '../../errors.js';
import { newId } from '../../lib/id.js';
import { inTurns } from '../../lib/in-turns.js';
import { showAs } from '../../lib/inspect.js';
import { knownOnly } from '../../lib/known-only.js';
import type { Clock } from '../../ports/clock.js';
import type { SessionRecord } from '../../ports/store.js';
import { DataSchema, type Given } from '../../session/data-schema.js';
import type { Expiry } from '../../session/expiry.js';
import { refuseCalls } from '../../session/other-ways.js';
import { pendingSession } from '../../session/pending-session.js';
import type { RegisteredData, RegisteredUser } from '../../session/register.js';
import { checkChange } from '../../session/run-change.js';
import { ServerSession } from '../../session/server-session.js';
import { hostOf, type SessionRef } from '../../session/session.js';
import { checkSessionNames, checkSessionRef } from '../../session/session-ref.js';
import { type UserId, uidOf } from '../../session/user.js';
import { notOurs, touchOf } from '../arguments.js';
import { STORAGE_ERRORS, type StorageErrors } from '../errors.js';
import { SessionEventEmitter } from '../events.js';
import { STORAGE_METHODS } from '../method-cures.js';
import { sinceOf } from '../revocation/lineage.js';
import type { RevocationHealth } from '../revocation/revocation-list.js';
import type { RevokeOptions, RevokeResult, RevokeTarget } from '../revocation/target.js';
import { newState } from '../session-snapshot.js';
import type { CommitOptions, CommitResult, OpenOptions, SessionSource, StorageAbilities } from '../session-source.js';
import { AuthKey } from './auth-key.js';
import { ServerCommit } from './commit.js';
import { SessionEnder } from './ender.js';
import { GuardedStore } from './guarded-store.js';
import type { SessionChange } from './handle.js';
import { ServerHost } from './host.js';
import { Leftovers } from './leftovers.js';
import { SessionOpener } from './opener.js';
import { type ServerSessionStorageOptions, type ServerSettings, serverSettings } from './options.js';
import { type Glance, RecordCodec } from './record-codec.js';
import { RecordWriter } from './record-writer.js';
import { ServerRevoker } from './revoke.js';
import { SessionFinder, storedNames } from './session-finder.js';
import { infoOf, type SessionInfo } from './session-info.js';
import { idOf, newSid } from './sid.js';
import { Sweeper, type SweepHealth } from './sweeper.js';
import { UserLimit } from './user-limit.js';

/** What `health()` answers. */
export interface StoreHealth {
  /** Whether the store answers within the deadline. */
  readonly isReachable: boolean;
  /** The message of the StoreUnavailable, if the store is not reachable. */
  readonly problem: string | undefined;
  /** ms that it took to answer, or not to. */
  readonly latency: number;
  /** How the revocation list is; `undefined` without one. */
  readonly revocations: RevocationHealth | undefined;
  /** How sweeping in the background is. */
  readonly sweep: SweepHealth;
}

/**
 * Sessions kept in a store: the client holds a random sid, the store its digest. They can be listed, changed from outside and ended at
 * once, and requests at the same time lose none of each other's writes.
 *
 * ```ts
 * const storage = new ServerSessionStorage({ store: new MemoryStore() });
 * const session = await storage.create({ cart: [] });
 * await session.setUser('u1').save();
 * (await storage.get(session.forClient())).uid; // 'u1'
 * ```
 */
export class ServerSessionStorage<Data = RegisteredData, User = RegisteredUser, DataInput = Data>
  implements SessionSource<ServerSession<Data, User>>
{
  static {
    refuseCalls(ServerSessionStorage.prototype, STORAGE_METHODS, 'storage');
    showAs(ServerSessionStorage.prototype, (storage) => {
      return `ServerSessionStorage ${JSON.stringify({ expiry: storage.expiry })}`;
    });
  }

  readonly #settings: ServerSettings;
  readonly #sessionData: DataSchema<Data>;
  readonly #codec: RecordCodec<Data, User>;
  readonly #store: GuardedStore;
  readonly #leftovers: Leftovers;
  readonly #finder: SessionFinder<Data, User>;
  readonly #writer: RecordWriter<Data, User>;
  readonly #commit: ServerCommit<Data, User>;
  readonly #opener: SessionOpener<Data, User>;
  readonly #revoker: ServerRevoker<Data, User>;
  readonly #sweeper: Sweeper;

  /** The error classes this storage throws: `error instanceof storage.errors.SessionNotFound`. */
  readonly errors: StorageErrors = STORAGE_ERRORS;
  /** What it tells; see `SessionEvents`. */
  readonly events: SessionEventEmitter = new SessionEventEmitter();
  /** What it can do. */
  readonly abilities: StorageAbilities;
  /** The bounds in force. */
  readonly expiry: Expiry;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: ServerSessionStorageOptions<Data, User, DataInput>) {
    const settings = serverSettings(options);
    const { bounds, resolution, revocations, rotationGrace, deadline } = settings;
    const { events } = this;
    const authKey = settings.authKey === undefined ? undefined : new AuthKey(settings.authKey);
    const store = new GuardedStore(options.store, deadline);
    const ender = new SessionEnder(settings, events);
    this.#settings = settings;
    this.#sessionData = new DataSchema('sessionData', options.sessionData, options.migrate);
    this.#codec = new RecordCodec(bounds, this.#sessionData, new DataSchema('userData', options.userData), authKey);
    this.#store = store;
    this.#leftovers = new Leftovers(store);
    this.#finder = new SessionFinder(this.#codec);
    this.#writer = new RecordWriter(settings, this.#leftovers, this.#codec, events);
    this.#commit = new ServerCommit(
      settings,
      this.#writer,
      ender,
      new UserLimit(settings, ender, (record) => this.#codec.glance(record)),
      events,
      authKey,
      this.#sessionData,
    );
    this.#opener = new SessionOpener(this.#commit, this.#codec, events);
    this.#revoker = new ServerRevoker(settings, this.#commit, store, this.#finder, ender);
    this.#sweeper = new Sweeper(settings, store, events);
    this.abilities = Object.freeze({ stateless: false, revocation: store.reach, listOfUser: true });
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

  /** A new session with this data, signed in as nobody; stored at once. @throws SessionDataInvalid @throws StoreUnavailable */
  create(...[data]: Given<DataInput>): Promise<ServerSession<Data, User>> {
    return pendingSession(this.#create(data ?? {}));
  }

  /**
   * The session that a sid opens. `touch: false` looks without counting as activity.
   *
   * A malformed sid never reaches the store. One that a rotation replaced less than `rotationGrace` ago opens its successor, without
   * its credential.
   * @throws SessionNotFound with the reason @throws SessionExpired which is a SessionNotFound; for up to a minute, then it is `unknown`
   * @throws StoreUnavailable (503)
   */
  get(sid: unknown, options?: OpenOptions): Promise<ServerSession<Data, User>> {
    return pendingSession(this.#get(sid, options));
  }

  /** @internal A new session that nobody holds and nothing is stored of; with `withheld`, nothing ever will. */
  blank({ withheld = false }: { readonly withheld?: boolean } = {}): ServerSession<Data, User> {
    const { session, state } = this.#fresh(this.#sessionData.check({}));
    state.lazy = true;
    state.withheld = withheld;
    return session;
  }

  /**
   * Settles a session at the end of a request: ends it; stores it, under a new id if it was rotated, when something changed or its
   * lastAccess grew older than the resolution; or leaves it alone. 'issued' when the client must hold another sid, or keep it until
   * another instant.
   * @throws SessionDataInvalid @throws StoreUnavailable
   */
  async commit(session: ServerSession<Data, User>, options: CommitOptions = {}): Promise<CommitResult> {
    return await this.#commit.commit(this.#handleOf(session), options);
  }

  /**
   * Ends sessions before their time, for every request from now on that this store is asked by.
   *
   * All sessions of a user end in steps, each of which stays done when a later one fails.
   * @throws TypeError for a target that names nothing, or a `wait` that the store cannot give
   * @throws SessionNotFound for `{ id, uid }` with an id that the user's session may have had too many rotations ago
   * @throws StoreUnavailable when the store, or the log of `revocations`, does not answer in time
   */
  async revoke(target: RevokeTarget, options: RevokeOptions = {}): Promise<RevokeResult> {
    const result = await this.#revoker.revoke(target, options);
    if (target === 'everyone') this.#sweeper.sweepSoon();
    return result;
  }

  /** Ends one session: `revoke` by its ancestors' name. */
  async delete(session: ServerSession<Data, User> | string): Promise<void> {
    await this.revoke(typeof session === 'string' ? { sid: session } : session);
  }

  /**
   * Whether a session, named without its sid, is over: 'ended', or else until when it lives. Looks in the store, under the id it may have
   * been given since too: names without a uid lead there for as long as the rotation is remembered (`reuseWindow`), with one for as long as it
   * lives. @throws StoreUnavailable
   */
  async check(
    ref: SessionRef | { readonly id: string; readonly uid: string },
  ): Promise<'live' | 'ended' | { readonly expires: number }> {
    checkSessionNames('check', ref);
    const now = this.#settings.clock.now();
    const found = await this.#finder.find(this.#store.afresh(), storedNames(ref), now);
    const living = found && this.#living(found, now);
    if (living === undefined) return 'ended';
    const { expires } = living;
    return expires === Number.POSITIVE_INFINITY ? 'live' : { expires };
  }

  /**
   * A user's sessions, the one used last first. `current` marks the one that asks. What other devices are called is up to
   * `session.info`. @throws TypeError when `uid` can name no user @throws StoreUnavailable
   */
  async listOfUser(
    uid: UserId,
    options?: { readonly current?: SessionRef | undefined },
  ): Promise<readonly SessionInfo[]> {
    knownOnly('listOfUser', options, ['current']);
    if (options?.current !== undefined) checkSessionRef('listOfUser: option current', options.current);
    const now = this.#settings.clock.now();
    const records = await this.#store.afresh().ofUser(uidOf(uid), now);
    const byLineage = new Map<string, SessionInfo>();
    for await (const record of inTurns(records)) {
      const living = this.#living(record, now);
      // A rotation under way has two records.
      if (living === undefined || record.lastAccess < (byLineage.get(record.lineage)?.lastAccess ?? 0)) continue;
      byLineage.set(record.lineage, infoOf(record, living.expires, living.info, options?.current));
    }
    return [...byLineage.values()].sort((a, b) => b.lastAccess - a.lastAccess);
  }

  /**
   * Changes somebody's session while they may be using it: `change` gets its newest sessionData and userData, and runs again when a
   * request writes at the same time. It does not count as activity of theirs. Gives what `listOfUser` would say of it afterwards.
   * @throws SessionNotFound when it is over, or not that user's @throws TypeError when `change` is asynchronous
   * @throws SessionDataInvalid @throws StoreUnavailable
   */
  async update(
    ref: SessionRef | { readonly id: string; readonly uid: string },
    change: SessionChange<Data, User>,
  ): Promise<SessionInfo> {
    checkSessionNames('update', ref);
    checkChange(change);
    const now = this.#settings.clock.now();
    const store = this.#store.afresh();
    const found = await this.#finder.find(store, storedNames(ref), now);
    if (found === undefined || this.#living(found, now) === undefined) throw new SessionNotFound(undefined);
    const handle = this.#opener.fromRecord(store, found);
    handle.state.lastUpdate = now;
    const isWritten = await handle.inTurn(() => this.#writer.write(handle, change));
    if (!isWritten || handle.stored === undefined) throw new SessionNotFound(undefined);
    const { stored } = handle;
    return infoOf(stored, stored.expires, stored.info, undefined);
  }

  /** Removes sessions that are over from the store; gives how many. It happens by itself every `sweepInterval`. @throws StoreUnavailable */
  async sweep(): Promise<number> {
    return await this.#sweeper.sweep();
  }

  /**
   * Resolves when sessions can be judged: the store answers, and the revocation list, if there is one, knows all that its log holds.
   * @throws StoreUnavailable when the store does not answer within the deadline: ask again
   */
  async ready(): Promise<void> {
    await Promise.all([this.#ask(), this.#settings.revocations?.ready()]);
  }

  /** How the store is. Never rejects. */
  async health(): Promise<StoreHealth> {
    const start = performance.now();
    const problem = await this.#ask().then(
      () => undefined,
      (error: Error) => error.message,
    );
    const latency = performance.now() - start;
    const revocations = this.#settings.revocations?.health();
    return { isReachable: problem === undefined, problem, latency, revocations, sweep: this.#sweeper.health };
  }

  /** Stops sweeping and closes the store; the client or pool that it was given, and the revocation list, stay open. */
  async close(): Promise<void> {
    this.#sweeper.stop();
    this.#leftovers.stop();
    await this.#store.afresh().close();
  }

  async #create(data: object): Promise<ServerSession<Data, User>> {
    const handle = this.#fresh(this.#sessionData.check(data));
    await handle.inTurn(() => this.#writer.write(handle));
    return handle.session;
  }

  async #get(sid: unknown, options: OpenOptions | undefined): Promise<ServerSession<Data, User>> {
    const { session } = await this.#opener.open(this.#store.afresh(), sid, touchOf(options));
    return session;
  }

  /** When a record's session ends and what it is called; `undefined` when it is over. */
  #living(record: SessionRecord, now: number): Glance | undefined {
    const glanced = this.#codec.glance(record);
    const { id, lineage, uid } = record;
    const { since } = glanced;
    const verdict = this.#settings.revocations?.find({ id, lineage, uid: uid ?? undefined, since }, now);
    const isRevoked = verdict !== undefined && verdict.at <= now;
    return isRevoked || glanced.expires <= now ? undefined : glanced;
  }

  /** Something that no store holds. */
  async #ask(): Promise<void> {
    await this.#store.afresh().load(newId(), this.#settings.clock.now());
  }

  #fresh(data: Data & object): ServerHost<Data, User> {
    const { clock, revocations } = this.#settings;
    const now = clock.now();
    const sid = newSid();
    const state = newState<Data, User>(idOf(sid), data, now, sinceOf(revocations, undefined, now));
    return new ServerHost(this.#commit, state, this.#store.afresh(), { sid, stored: undefined, isAlias: false });
  }

  #handleOf(session: ServerSession<Data, User>): ServerHost<Data, User> {
    const host = session instanceof ServerSession ? hostOf(session) : undefined;
    if (host instanceof ServerHost && host.commit === this.#commit) return host;
    throw notOurs(session);
  }
}
