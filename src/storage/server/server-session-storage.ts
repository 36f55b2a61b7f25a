import { SessionNotFound } from '../../errors.js';
import { newId } from '../../lib/id.js';
import { inTurns } from '../../lib/in-turns.js';
import { showAs } from '../../lib/inspect.js';
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
import { checkSessionNames } from '../../session/session-ref.js';
import type { Withheld } from '../../session/session-state.js';
import { type UserId, uidOf } from '../../session/user.js';
import { currentOf, notOurs, touchOf } from '../arguments.js';
import { STORAGE_ERRORS, type StorageErrors } from '../errors.js';
import { SessionEventEmitter } from '../events.js';
import { GuardedStore } from '../guarded-store.js';
import { STORAGE_METHODS } from '../method-cures.js';
import { sinceOf } from '../revocation/lineage.js';
import type { RevocationHealth, RevocationList } from '../revocation/revocation-list.js';
import type { RevokeOptions, RevokeResult, RevokeTarget } from '../revocation/target.js';
import { infoOf, type SessionInfo } from '../session-info.js';
import { newState } from '../session-snapshot.js';
import type { CommitOptions, CommitResult, OpenOptions, SessionSource, StorageAbilities } from '../session-source.js';
import { Sweeper, type SweepHealth } from '../sweeper.js';
import { AuthKey } from './auth-key.js';
import { ServerCommit } from './commit.js';
import { SessionEnder } from './ender.js';
import type { SessionChange } from './handle.js';
import { ServerHost } from './host.js';
import { Leftovers } from './leftovers.js';
import { SessionOpener } from './opener.js';
import { type ServerSessionStorageOptions, type ServerSettings, serverSettings } from './options.js';
import { type Glance, RecordCodec } from './record-codec.js';
import { RecordWriter } from './record-writer.js';
import { ServerRevoker } from './revoke.js';
import { SessionFinder, storedNames } from './session-finder.js';
import { idOf, newSid } from './sid.js';
import { UserLimit } from './user-limit.js';

/** The result of `health()`. */
export interface StoreHealth {
  /** Whether the store answered within the deadline. */
  readonly isReachable: boolean;
  /** The message of the StoreUnavailable, if the store is not reachable. */
  readonly problem: string | undefined;
  /** How long the store took to answer or fail, in ms. */
  readonly latency: number;
  /** The state of the revocation list; `undefined` without one. */
  readonly revocations: RevocationHealth | undefined;
  /** The state of the background sweep. */
  readonly sweep: SweepHealth;
}

/**
 * Keeps sessions in a store. The client has a random sid, and the store has only its digest. Sessions can be listed,
 * changed and ended from anywhere. Concurrent requests do not overwrite each other's changes.
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

  /** The error classes that this storage throws: `error instanceof storage.errors.SessionNotFound`. */
  readonly errors: StorageErrors = STORAGE_ERRORS;
  /** The events of this storage; see `SessionEvents`. */
  readonly events: SessionEventEmitter = new SessionEventEmitter();
  /** What this storage supports. */
  readonly abilities: StorageAbilities;
  /** The timeouts and the resolution in effect, in ms. */
  readonly expiry: Expiry;

  /** @throws TypeError that names the invalid option */
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
    this.#opener = new SessionOpener(this.#commit, this.#codec, ender, events);
    this.#revoker = new ServerRevoker(settings, this.#commit, store, this.#finder, ender);
    this.#sweeper = new Sweeper(settings, store, events);
    this.abilities = Object.freeze({ stateless: false, revocation: store.reach, listOfUser: true });
    this.expiry = Object.freeze({ ...bounds, timeoutResolution: resolution });
    revocations?.remember(rotationGrace);
  }

  /** The clock of this storage. */
  get clock(): Clock {
    return this.#settings.clock;
  }

  /** @internal The list that learns what ends; `undefined` if there is none. */
  get revocations(): RevocationList | undefined {
    return this.#settings.revocations;
  }

  /** Whether a new session may have empty `sessionData`; false if the schema rejects `{}`. */
  get acceptsEmpty(): boolean {
    return this.#sessionData.acceptsEmpty;
  }

  /**
   * Creates a session with this data and without a user, and stores it.
   * @throws SessionDataInvalid if JSON or the schema rejects the data @throws StoreUnavailable
   */
  create(...[data]: Given<DataInput>): Promise<ServerSession<Data, User>> {
    return pendingSession(this.#create(data ?? {}));
  }

  /**
   * Opens the session of a sid. With `touch: false`, this does not count as activity.
   *
   * A malformed sid is refused before the store is asked. A sid that a rotation replaced less than `rotationGrace` ms
   * ago opens the session, but does not get its new sid.
   * @throws SessionNotFound with a `reason`
   * @throws SessionExpired, a subclass of SessionNotFound, for up to a minute after the session expired; then the
   *   reason is `unknown`
   * @throws StoreUnavailable (503) @throws TypeError for an invalid option
   */
  get(sid: unknown, options?: OpenOptions): Promise<ServerSession<Data, User>> {
    return pendingSession(this.#get(sid, options));
  }

  /** @internal A new session that no client has and that is not stored yet. For `withheld` see `SessionSource`. */
  blank({ withheld = 'no' }: { readonly withheld?: Withheld } = {}): ServerSession<Data, User> {
    const { session, state } = this.#fresh(this.#sessionData.check({}));
    state.lazy = true;
    state.withheld = withheld;
    return session;
  }

  /**
   * Completes a request. Ends the session if it was revoked. Stores it if it changed, was rotated, or its `lastAccess`
   * is older than `timeoutResolution`. The outcome is 'issued' if the client needs a new sid or a new expiry for its
   * cookie.
   * @throws SessionDataInvalid @throws SessionTooLarge if `assertFits` throws it @throws StoreUnavailable
   * @throws TypeError for a session of another storage, or for a value at `authKey` that is not a user id
   */
  async commit(session: ServerSession<Data, User>, options: CommitOptions = {}): Promise<CommitResult> {
    return await this.#commit.commit(this.#handleOf(session), options);
  }

  /** @internal `commit`, at once if there is nothing to store or to end. */
  commitNow(session: ServerSession<Data, User>, options: CommitOptions = {}): CommitResult | Promise<CommitResult> {
    // A subclass or a spy in its place must see every commit.
    if (this.commit !== ServerSessionStorage.prototype.commit) return this.commit(session, options);
    return this.#commit.commit(this.#handleOf(session), options);
  }

  /**
   * @internal Settles what a request did to its session without, or after, its response's head: ends the session, saves its data,
   * or reports a change that would need a new sid.
   * @throws SessionHeadSent @throws SessionDataInvalid @throws StoreUnavailable
   */
  commitLate(session: ServerSession<Data, User>): Promise<unknown> | undefined {
    if (!this.#commit.isDueLate(this.#handleOf(session))) return undefined;
    const result = this.commitNow(session);
    return result instanceof Promise ? result : undefined;
  }

  /** @internal Ends the session of a sid whose record cannot be read here. @throws StoreUnavailable */
  async endUndecided(sid: string): Promise<void> {
    await this.#revoker.revoke({ sid }, {});
  }

  /**
   * Ends sessions at once, for every process that uses the store.
   *
   * All sessions of a user end in steps. If a step fails, the sessions that have ended stay ended: call `revoke` again.
   * @throws TypeError for an invalid target, or for a `wait` that the store cannot guarantee
   * @throws TypeError for 'everyone' if the store has no `deleteAll` and there are no `revocations`
   * @throws SessionNotFound for `{ id, uid }` if the id may be older than the ids that the user's sessions remember
   * @throws StoreUnavailable if the store, or the log of `revocations`, does not answer in time
   */
  async revoke(target: RevokeTarget, options: RevokeOptions = {}): Promise<RevokeResult> {
    const result = await this.#revoker.revoke(target, options);
    if (target === 'everyone') this.#sweeper.sweepSoon();
    return result;
  }

  /** Ends one session, as `revoke` does. It has the name that Foxx session storages use. */
  async delete(session: ServerSession<Data, User> | string): Promise<void> {
    await this.revoke(typeof session === 'string' ? { sid: session } : session);
  }

  /**
   * Returns the state of a session that is identified without its sid: 'ended', 'live' if it never expires, or
   * `{ expires }` (ms timestamp). A session that rotated since is found by its `uid` for as long as it lives; without a
   * `uid`, only for `reuseWindow` ms after the rotation.
   * @throws StoreUnavailable
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
   * Returns a user's sessions, the last used first. `current` sets `isCurrent` of that session. Set `session.info` to
   * describe the device of a session.
   * @throws TypeError if `uid` is not a valid user id @throws StoreUnavailable
   */
  async listOfUser(
    uid: UserId,
    options?: { readonly current?: SessionRef | undefined },
  ): Promise<readonly SessionInfo[]> {
    const current = currentOf(options);
    const now = this.#settings.clock.now();
    const records = await this.#store.afresh().ofUser(uidOf(uid), now);
    const byLineage = new Map<string, SessionInfo>();
    for await (const record of inTurns(records)) {
      const living = this.#living(record, now);
      // During a rotation a session has two records.
      if (living === undefined || record.lastAccess < (byLineage.get(record.lineage)?.lastAccess ?? 0)) continue;
      byLineage.set(record.lineage, infoOf(record, living.expires, living.info, current));
    }
    return [...byLineage.values()].sort((a, b) => b.lastAccess - a.lastAccess);
  }

  /**
   * Changes a session that its user may be using. `change` gets the newest `sessionData` and `userData`. It must be
   * synchronous, and runs again if a request saves first. This does not count as activity. Returns the session as
   * `listOfUser` does.
   * @throws SessionNotFound if the session has ended or belongs to another user, or if the id may be older than the ids
   *   that the user's sessions remember
   * @throws TypeError if `change` is not a function or is asynchronous, or for an invalid reference
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

  /**
   * Removes expired sessions and tombstones from the store. Returns the number of sessions. Runs in the background
   * every `sweepInterval` ms.
   * @throws StoreUnavailable
   */
  async sweep(): Promise<number> {
    return await this.#sweeper.sweep();
  }

  /**
   * Resolves when the store has answered and the revocation list, if there is one, has read its whole log.
   * @throws StoreUnavailable if the store does not answer within the deadline; call it again
   */
  async ready(): Promise<void> {
    await Promise.all([this.#ask(), this.#settings.revocations?.ready()]);
  }

  /** Returns the state of the store. Never rejects. */
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

  /** Stops sweeping and closes the store. The client or pool of the store and the revocation list stay open. */
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

  /** Returns the expiry and description of a record's session; `undefined` if the session has ended. */
  #living(record: SessionRecord, now: number): Glance | undefined {
    const glanced = this.#codec.glance(record);
    const { id, lineage, uid } = record;
    const { since } = glanced;
    const isRevoked = this.#settings.revocations?.hasEnded({ id, lineage, uid: uid ?? undefined, since }, now);
    return isRevoked || glanced.expires <= now ? undefined : glanced;
  }

  /** Loads an id that does not exist: the shortest operation that needs an answer. */
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
