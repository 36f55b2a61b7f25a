import { SessionEnded, SessionError, SessionHeadSent } from '../../errors.js';
import type { DataSchema } from '../../session/data-schema.js';
import { endOf } from '../../session/expiry.js';
import { PassportSession } from '../../session/passport-session.js';
import { runChange } from '../../session/run-change.js';
import { ServerSession } from '../../session/server-session.js';
import { isContentModified, isUnused, isWithheld } from '../../session/session-state.js';
import type { SessionEventEmitter } from '../events.js';
import { isLate, withhold } from '../late-save.js';
import { beginLineage } from '../revocation/lineage.js';
import { INVALIDATED, SUPERSEDED } from '../revocation/reasons.js';
import { nextOrder } from '../session-limit.js';
import { originOf } from '../session-snapshot.js';
import { type CommitOptions, type CommitResult, ENDED, UNCHANGED, WITHHELD } from '../session-source.js';
import type { AuthKey } from './auth-key.js';
import type { Ended, SessionEnder } from './ender.js';
import type { ServerHandle, SessionChange } from './handle.js';
import { mirrorUid } from './mirror-uid.js';
import type { ServerSettings } from './options.js';
import type { RecentEnds } from './recent-ends.js';
import type { RecordWriter } from './record-writer.js';
import type { UserLimit } from './user-limit.js';

/** Saves and ends server-side sessions, in their own calls and at the end of a request. */
export class ServerCommit<Data, User> {
  readonly settings: ServerSettings;
  readonly sessionClass: typeof ServerSession;
  readonly #writer: RecordWriter<Data, User>;
  readonly #ender: SessionEnder;
  readonly #limit: UserLimit;
  readonly #events: SessionEventEmitter;
  readonly #authKey: AuthKey | undefined;
  readonly #sessionData: DataSchema<Data>;

  constructor(
    settings: ServerSettings,
    writer: RecordWriter<Data, User>,
    ender: SessionEnder,
    limit: UserLimit,
    events: SessionEventEmitter,
    authKey: AuthKey | undefined,
    sessionData: DataSchema<Data>,
  ) {
    this.settings = settings;
    this.sessionClass = authKey === undefined ? ServerSession : PassportSession;
    this.#writer = writer;
    this.#ender = ender;
    this.#limit = limit;
    this.#events = events;
    this.#authKey = authKey;
    this.#sessionData = sessionData;
  }

  /** What this process ended lately. */
  get ended(): RecentEnds {
    return this.#ender.recent;
  }

  /** Whether the session has ended as far as this process knows, without asking the store. */
  isKnownToBeOver(handle: ServerHandle<Data, User>): boolean {
    const { state, stored, everyoneEnded } = handle;
    if (stored !== undefined && (this.ended.has(stored.id, stored.lineage) || this.ended.everyone > everyoneEnded))
      return true;
    return this.settings.revocations?.hasEnded(state, this.settings.clock.now()) ?? false;
  }

  /** @throws SessionEnded if the store has the session no more @throws StoreUnavailable */
  async confirm(handle: ServerHandle<Data, User>): Promise<void> {
    const { state, stored } = handle;
    if (state.revoked !== undefined) throw new SessionEnded(state.revoked);
    handle.beginCall();
    const now = this.settings.clock.now();
    handle.over ??= this.isKnownToBeOver(handle) ? 'revoked' : this.#whyOver(handle, now);
    if (handle.over === undefined && stored !== undefined)
      handle.over = await this.#writer.whyGone(handle, stored, now);
    if (handle.over !== undefined) throw new SessionEnded(handle.over);
  }

  emptyData(): (Data & object) | undefined {
    return this.#sessionData.acceptsEmpty ? this.#sessionData.check({}) : undefined;
  }

  async save(handle: ServerHandle<Data, User>, change?: SessionChange<Data, User>): Promise<void> {
    const { state } = handle;
    handle.beginCall();
    state.changed ||= change === undefined;
    if (isWithheld(state)) {
      if (change !== undefined) runChange(() => change(state.sessionData.value, state.userData.value));
      withhold(handle.state, this.#events);
      return;
    }
    mirrorUid(handle, this.#authKey);
    const now = this.settings.clock.now();
    // Saving must not revive an expired session.
    handle.over = this.#whyOver(handle, now);
    if (handle.over === undefined) {
      const { lastAccess, lastUpdate } = state;
      state.lastUpdate = state.lastAccess = now;
      try {
        if (await this.#store(handle, change)) {
          handle.hasFailed = false;
          return;
        }
      } catch (error) {
        Object.assign(state, { lastAccess, lastUpdate });
        handle.hasFailed ||= error instanceof SessionError;
        throw error;
      }
    }
    throw new SessionEnded(handle.over ?? SUPERSEDED);
  }

  async end(handle: ServerHandle<Data, User>, reason: string): Promise<void> {
    handle.beginCall();
    await this.#endInTurn(handle, reason);
  }

  /**
   * At once if there is nothing to store or to end: then nothing has to wait for the store.
   * @throws SessionDataInvalid
   * @throws SessionTooLarge
   * @throws StoreUnavailable
   * @throws TypeError for a value at `authKey` that is not a user id
   */
  commit(handle: ServerHandle<Data, User>, options: CommitOptions): CommitResult | Promise<CommitResult> {
    const { state } = handle;
    handle.beginCommit();
    if (isWithheld(state)) return withhold(state, this.#events);
    if (state.revoked !== undefined) return this.#end(handle, state.revoked);
    if (handle.hasFailed) return withhold(state, this.#events);
    mirrorUid(handle, this.#authKey);
    if (isUnused(state) && handle.stored === undefined && !options.eager) return UNCHANGED;
    // Computed once: comparing the data with what was loaded is most of the cost of a commit.
    if (isContentModified(state)) state.changed = true;
    const isForced = state.force !== 'DoNotForceInvalidate';
    if (isForced || handle.isLimitDue || this.#writer.isDue(handle)) return this.#write(handle, options);
    return this.#settled(handle, options.assertFits);
  }

  async #write(handle: ServerHandle<Data, User>, { assertFits }: CommitOptions): Promise<CommitResult> {
    const { state } = handle;
    const isForced = state.force !== 'DoNotForceInvalidate';
    const now = this.settings.clock.now();
    if (this.#whyOver(handle, now) !== undefined) return withhold(handle.state, this.#events);
    const others = state.force === 'AllSessionIdsOfLoggedUser' ? state.uid : undefined;
    if (isForced && handle.isAlias) return await this.#giveWay(handle, others);
    if (isForced) beginLineage(state, handle.newId(), this.settings.revocations);
    // A rotation creates a new record, whose `lastAccess` must not be earlier than what concurrent requests stored.
    if (state.id !== handle.stored?.id) state.lastAccess = now;
    if (state.changed) state.lastUpdate = state.lastAccess = now;
    if (handle.sid !== undefined && handle.sid !== state.origin?.sid) assertFits?.(handle.sid);
    const isStored = await this.#store(handle);
    if (isStored && others !== undefined) await this.#endOthers(handle, others);
    // Not earlier: if ending the others fails, the next commit must do it again.
    state.force = 'DoNotForceInvalidate';
    if (!isStored) return await this.#giveWay(handle, others);
    return this.#settled(handle, assertFits);
  }

  /**
   * Whether something is left to commit after the head of the response.
   * @throws SessionHeadSent for a change that needs a sid which the client cannot receive
   */
  isDueLate(handle: ServerHandle<Data, User>): boolean {
    const { state, stored } = handle;
    if (state.revoked !== undefined) return true;
    mirrorUid(handle, this.#authKey);
    if (!isLate(state)) return false;
    const isRenewed = state.force !== 'DoNotForceInvalidate' || stored?.id !== state.id;
    if (isRenewed || state.origin === undefined) throw new SessionHeadSent('session');
    return true;
  }

  async #endOthers(handle: ServerHandle<Data, User>, uid: string): Promise<void> {
    try {
      await this.#ender.endUser(handle.store, uid, handle.state.lineage, INVALIDATED);
    } catch (error) {
      this.#writer.takeBack(handle);
      throw error;
    }
  }

  /** Stores the session. If its user has just signed in, applies `maxSessionsPerUser`. */
  async #store(handle: ServerHandle<Data, User>, change?: SessionChange<Data, User>): Promise<boolean> {
    const { state } = handle;
    const before = handle.stored;
    const { uid } = state;
    const isSignIn = uid !== undefined && (before?.uid !== uid || before.lineage !== state.lineage);
    if (isSignIn) handle.order = nextOrder();
    handle.isLimitDue ||= isSignIn;
    if (!(await handle.inTurn(() => this.#writer.write(handle, change)))) return false;
    if (before !== undefined && before.lineage !== state.lineage) this.#ender.supersede(before.lineage);
    if (!handle.isLimitDue || uid === undefined || (await this.#isWithinLimit(handle, uid))) {
      handle.isLimitDue = false;
      return true;
    }
    handle.over = 'too many sessions';
    return false;
  }

  async #isWithinLimit(handle: ServerHandle<Data, User>, uid: string): Promise<boolean> {
    const { store, state, stored } = handle;
    try {
      return await this.#limit.hold(store, { uid, lineage: state.lineage, replaces: stored?.replaces });
    } catch (error) {
      // It is unknown whether the user may have this session, and the error response will not contain its sid.
      this.#writer.takeBack(handle);
      throw error;
    }
  }

  /** Compares what the client has with what it needs. */
  #settled(handle: ServerHandle<Data, User>, assertFits: CommitOptions['assertFits']): CommitResult {
    const { state, sid, stored } = handle;
    if (handle.isAlias || handle.over !== undefined) return WITHHELD;
    if (sid === undefined || stored === undefined) return UNCHANGED;
    const { origin } = state;
    const { expires, life } = stored;
    const isKnown = origin?.sid === sid && origin.expires === expires && origin.life?.persistent === life?.persistent;
    if (isKnown) return UNCHANGED;
    assertFits?.(sid);
    state.origin = originOf(sid, stored);
    return { outcome: 'issued', sid, expires, persistent: life?.persistent };
  }

  /** Why the session can no longer be stored; `undefined` if it can. */
  #whyOver({ state, over }: ServerHandle<Data, User>, now: number): string | undefined {
    if (over !== undefined) return over;
    if (endOf(this.settings.bounds, state) <= now) return 'expired';
    return this.settings.revocations?.find(state, now)?.reason;
  }

  async #end(handle: ServerHandle<Data, User>, reason: string): Promise<CommitResult> {
    handle.state.withheld = 'yes';
    return (await this.#endInTurn(handle, reason)) === SUPERSEDED ? WITHHELD : ENDED;
  }

  /** Runs after a save in progress, so that what it stores ends, too. */
  #endInTurn(handle: ServerHandle<Data, User>, reason: string): Promise<Ended> {
    return handle.inTurn(async () => {
      return handle.stored === undefined ? 'unknown' : await this.#ender.endStored(handle.store, handle.stored, reason);
    });
  }

  /** A request whose id was replaced gets no new sid. Of a forced invalidation, it can only end all sessions. */
  async #giveWay(handle: ServerHandle<Data, User>, others: string | undefined): Promise<CommitResult> {
    const { stored, isAlias } = handle;
    if (!isAlias || others === undefined || others !== stored?.uid) return withhold(handle.state, this.#events);
    handle.over = INVALIDATED;
    await this.#ender.endUser(handle.store, others, undefined, INVALIDATED);
    return ENDED;
  }
}
