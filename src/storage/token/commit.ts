import { newId } from '../../lib/id.js';
import { warn } from '../../lib/warn.js';
import type { NewRevocation } from '../../ports/revocation-log.js';
import { endOf } from '../../session/expiry.js';
import {
  isContentModified,
  isModified,
  isUnused,
  isWithheld,
  type Origin,
  type SessionState,
} from '../../session/session-state.js';
import { factsOf, type SessionEventEmitter, type SessionEvents, type SessionFacts } from '../events.js';
import { withhold } from '../late-save.js';
import type { RevocationEntries } from '../revocation/entries.js';
import { beginLineage } from '../revocation/lineage.js';
import { INVALIDATED, NOT_SENT, SUPERSEDED } from '../revocation/reasons.js';
import type { Revocable } from '../revocation/revocation-index.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import { type CommitOptions, type CommitResult, ENDED, UNCHANGED, WITHHELD } from '../session-source.js';
import type { TokenSettings } from './options.js';
import type { Registration } from './registration.js';
import type { TokenRegistry } from './registry.js';
import type { Registered } from './registry-record.js';
import type { TokenWriter, Written } from './writer.js';

/** Completes the request of a session: ends it, issues a new token, does nothing, or withholds an ended one. */
export class TokenCommit<Data, User> {
  readonly #settings: TokenSettings;
  readonly #writer: TokenWriter<Data, User>;
  readonly #entries: RevocationEntries;
  readonly #events: SessionEventEmitter;
  readonly #registry: TokenRegistry | undefined;
  #warnedOfMissingList = false;

  constructor(
    settings: TokenSettings,
    writer: TokenWriter<Data, User>,
    entries: RevocationEntries,
    events: SessionEventEmitter,
    registry: TokenRegistry | undefined,
  ) {
    this.#settings = settings;
    this.#writer = writer;
    this.#entries = entries;
    this.#events = events;
    this.#registry = registry;
  }

  /**
   * @throws SessionDataInvalid
   * @throws SessionTooLarge
   * @throws StoreUnavailable if the log does not acknowledge in time, or the registry does not answer in time
   */
  commit(
    state: SessionState<Data, User>,
    { eager = false, assertFits }: CommitOptions,
  ): CommitResult | Promise<CommitResult> {
    if (isWithheld(state)) return withhold(state, this.#events);
    if (state.revoked !== undefined) return this.#end(state, state.revoked);
    if (isUnused(state) && !eager) return UNCHANGED;
    if (state.force === 'DoNotForceInvalidate' && this.#isGoodAsItIs(state)) return UNCHANGED;
    const now = this.#settings.clock.now();
    if (!this.#isOver(state, now)) return this.#renew(state, now, assertFits);
    return this.#endsEverywhere(state, now) ? this.#endEverywhere(state, now) : withhold(state, this.#events);
  }

  #isGoodAsItIs(state: SessionState<Data, User>): boolean {
    return this.#writer.isCurrent(state) || (!this.#writer.canWrite && !isModified(state));
  }

  /** Checks the list again, because the session may have ended since the request began. */
  #isOver(state: SessionState<Data, User>, now: number): boolean {
    if (endOf(this.#settings.bounds, state) <= now) return true;
    const list = this.#settings.revocations;
    // Without the user: all sessions of the user may have been ended, and the user may have signed in again since.
    const isReplaced = state.origin !== undefined && list?.findNames(state.origin, now) !== undefined;
    return isReplaced || list?.find(state, now) !== undefined;
  }

  /** Whether a late request asks to end all sessions of its user, and its own session was only rotated. */
  #endsEverywhere(state: SessionState<Data, User>, now: number): boolean {
    const { origin, uid, force } = state;
    if (force !== 'AllSessionIdsOfLoggedUser' || origin === undefined || uid === undefined || uid !== origin.uid)
      return false;
    if (endOf(this.#settings.bounds, origin) <= now) return false;
    const { lineage, since } = origin;
    return this.#settings.revocations?.find({ lineage, uid, since }, now) === undefined;
  }

  /** No session is excepted: this request cannot be given a new token. */
  #endEverywhere(state: SessionState<Data, User>, now: number): CommitResult | Promise<CommitResult> {
    const { uid = '' } = state;
    state.withheld = 'yes';
    const result = this.#appendEnd([this.#entries.ofUser(uid, [], INVALIDATED, now)], now, {
      uid,
      reason: INVALIDATED,
    });
    return after(result, this.#registry?.forgetEnded(uid));
  }

  #end(state: SessionState<Data, User>, reason: string): CommitResult | Promise<CommitResult> {
    const { origin } = state;
    const now = this.#settings.clock.now();
    state.withheld = 'yes';
    if (origin === undefined) return ENDED;
    // By lineage only: a token that a rotation replaced may still end the session that lives on.
    const known = this.#settings.revocations?.findNames({ lineage: origin.lineage }, now);
    if (known !== undefined) return known.reason === SUPERSEDED ? WITHHELD : ENDED;
    const result = this.#appendEnd(this.#entries.ofState(state, reason, now), now, { ...factsOf(origin), reason });
    return after(result, origin.uid === undefined ? undefined : this.#registry?.forget(reason, origin.lineage));
  }

  /** Emits `ended` only once the list knows of it: listeners ask whether a session has ended. */
  #appendEnd(
    entries: readonly NewRevocation[],
    now: number,
    event: SessionEvents['ended'],
  ): CommitResult | Promise<CommitResult> {
    const result = this.#append(entries, now, () => ENDED);
    this.#events.emit('ended', event);
    return this.#afterEffects(result);
  }

  /** The result, once the live streams of the sessions that ended have ended. */
  #afterEffects(result: CommitResult | Promise<CommitResult>): CommitResult | Promise<CommitResult> {
    return after(result, this.#events.effects.settled());
  }

  #renew(
    state: SessionState<Data, User>,
    now: number,
    assertFits: CommitOptions['assertFits'],
  ): CommitResult | Promise<CommitResult> {
    const { origin } = state;
    const judged = judgedOf(state);
    const isForced = state.force !== 'DoNotForceInvalidate';
    const isRotation = !isForced && !state.proved && origin?.lineage === state.lineage;
    const before = pendingOf(state);
    const others = this.#invalidate(state, now);
    const isChanged = isContentModified(state);
    if (isChanged) state.lastUpdate = state.lastAccess = now;
    const written = this.#writer.write(state, now);
    const { sid, expires } = written.origin;
    assertFits?.(sid);
    const entries = [...others, ...this.#leftBehind(origin, state, now)];
    settle(state, written);
    const issue = (): CommitResult | Promise<CommitResult> => {
      const result: CommitResult = { outcome: 'issued', sid, expires, persistent: state.life?.persistent };
      if (others.length > 0) {
        this.#events.emit('ended', { uid: state.uid, reason: INVALIDATED, except: state.lineage });
      }
      this.#announce(state, origin, isChanged);
      if (others.length === 0) return result;
      return after(this.#afterEffects(result), this.#registry?.forgetEnded(state.uid ?? ''));
    };
    const refuse = (): CommitResult | Promise<CommitResult> => {
      state.withheld = 'yes';
      this.#events.emit('refused-late-save', factsOf(judged));
      if (others.length === 0) return WITHHELD;
      this.#events.emit('ended', { uid: state.uid, reason: INVALIDATED });
      return after(this.#afterEffects(WITHHELD), this.#registry?.forgetEnded(state.uid ?? ''));
    };
    const append = (done: typeof issue): CommitResult | Promise<CommitResult> =>
      isForced ? this.#appendInTurn(entries, judged, now, done, refuse) : this.#append(entries, now, done, isRotation);
    const registration = this.#registry?.registrationOf(state, origin, isForced, isChanged);
    if (registration === undefined) return append(issue);
    const { kind, left } = registration;
    const done = (): CommitResult | Promise<CommitResult> => after(issue(), this.#forgetLeft(left));
    if (kind === 'none') return append(done);
    if (kind === 'sign-in') return append(() => this.#signIn(registration.session, entries, state, done, refuse));
    return this.#register(registration, judged, state, { ...before, changed: isChanged }, () => append(done));
  }

  /**
   * Registers a session that has just signed in: after the entries, so that of several sign-ins from one token only one
   * is ever registered. If that fails, it is unknown whether the user may have this session, and the error response will
   * not contain its token. So the session ends.
   */
  async #signIn(
    session: Registered,
    entries: readonly NewRevocation[],
    state: SessionState<Data, User>,
    issue: () => CommitResult | Promise<CommitResult>,
    refuse: () => CommitResult | Promise<CommitResult>,
  ): Promise<CommitResult> {
    try {
      const isRegistered = (await this.#registry?.signIn(session)) ?? true;
      if (isRegistered && !this.#isRevoked(session)) return await issue();
    } catch (error) {
      this.#giveUp(state, session, entries);
      throw error;
    }
    this.#giveUp(state, session, entries);
    return await refuse();
  }

  /** Ends a sign-in whose token is not sent. Its client did not get a newer token for the one that it had. */
  #giveUp(state: SessionState<Data, User>, session: Registered, entries: readonly NewRevocation[]): void {
    this.#settings.revocations?.forgetHandingOver(entries);
    this.#endUnsent(session);
    state.withheld = 'yes';
  }

  /** Ends a lineage of which no client has a token. It may be registered, or be so later. */
  #endUnsent(session: Registered): void {
    const list = this.#settings.revocations;
    const now = this.#settings.clock.now();
    if (list?.findNames({ lineage: session.lineage }, now) === undefined)
      list?.add([this.#entries.ofSession(session, NOT_SENT, now)], now).catch(() => undefined);
    void this.#registry?.forget(NOT_SENT, session.lineage);
  }

  /**
   * Registers the newer token of a session, before the one that it replaces ends: if that fails, the client's token
   * stays as good as it was, and `before` is restored.
   */
  async #register(
    { session, isTouch }: Registration & { readonly kind: 'renewal' },
    judged: Revocable,
    state: SessionState<Data, User>,
    before: Pending<Data, User>,
    issue: () => CommitResult | Promise<CommitResult>,
  ): Promise<CommitResult> {
    let result: CommitResult = WITHHELD;
    try {
      const isRegistered = (await this.#registry?.renew(session, isTouch)) ?? true;
      if (isRegistered && !this.#isRevoked(judged)) {
        result = await issue();
        return result;
      }
    } catch (error) {
      Object.assign(state, before);
      throw error;
    } finally {
      if (result.outcome !== 'issued' && judged.lineage !== session.lineage) this.#endUnsent(session);
    }
    Object.assign(state, before);
    const now = this.#settings.clock.now();
    if (this.#endsEverywhere(state, now)) return await this.#endEverywhere(state, now);
    state.withheld = 'yes';
    return withhold(state, this.#events);
  }

  #isRevoked(session: Revocable): boolean {
    return this.#settings.revocations?.find(session, this.#settings.clock.now()) !== undefined;
  }

  /** Removes the record of the session that another one has replaced. */
  #forgetLeft(left: string | undefined): Promise<void> | undefined {
    return left === undefined ? undefined : this.#registry?.forget(SUPERSEDED, left);
  }

  /** serversession's forced invalidation, for the session's current user. This session gets a new lineage. */
  #invalidate(state: SessionState<Data, User>, now: number): NewRevocation[] {
    const { force, uid } = state;
    if (force === 'DoNotForceInvalidate') return [];
    beginLineage(state, newId(), this.#settings.revocations);
    if (force === 'CurrentSessionId' || uid === undefined) return [];
    return [this.#entries.ofUser(uid, [state.lineage], INVALIDATED, now)];
  }

  #leftBehind(
    origin: Origin | undefined,
    { id, lineage, proved }: SessionState<Data, User>,
    now: number,
  ): NewRevocation[] {
    if (origin === undefined || origin.id === id) return [];
    if (origin.lineage !== lineage) return [this.#entries.ofSession(origin, SUPERSEDED, now)];
    return [this.#entries.ofRotation(origin, proved, now)];
  }

  #announce(state: SessionState<Data, User>, origin: Origin | undefined, isChanged: boolean): void {
    const facts = factsOf(state);
    if (origin === undefined) this.#events.emit('created', facts);
    else if (origin.id !== state.id)
      this.#events.emit('rotated', { ...facts, previous: { id: origin.id, lineage: origin.lineage } });
    if (isChanged) this.#events.emit('saved', facts);
  }

  /**
   * Ends what the entries match, then returns the result of `done`; synchronously if there is no log outside this
   * process. `isRotation`: whether only an older token of the same session ends. Then a log that does not acknowledge holds
   * nothing back: the log may have the entry, or get it later, and a client without the newer token would be signed out.
   */
  #append(
    entries: readonly NewRevocation[],
    now: number,
    done: () => CommitResult | Promise<CommitResult>,
    isRotation = false,
  ): CommitResult | Promise<CommitResult> {
    if (entries.length === 0) return done();
    const list = this.#settings.revocations;
    if (list === undefined) {
      this.#warnOfMissingList();
      return done();
    }
    const added = list.add(entries, now);
    if (list.guarantee !== 'process') {
      return added.then(done, (error: unknown) => (isRotation ? done() : undelivered(list, entries, error)));
    }
    added.catch(() => undefined);
    return done();
  }

  /**
   * The same for a session that gets a new lineage without a new sign-in. Revocations that are in the log already, and do
   * not match the new lineage, must not miss it. So this process first reads the log up to these entries.
   */
  #appendInTurn(
    entries: readonly NewRevocation[],
    judged: Revocable & SessionFacts,
    now: number,
    issue: () => CommitResult | Promise<CommitResult>,
    refuse: () => CommitResult | Promise<CommitResult>,
  ): CommitResult | Promise<CommitResult> {
    const list = this.#settings.revocations;
    if (list === undefined || list.guarantee === 'process' || entries.length === 0) {
      return this.#append(entries, now, issue);
    }
    return list.addInTurn(entries, judged, now).then(
      (isEnded) => {
        if (!isEnded) return issue();
        list.forgetHandingOver(entries);
        return refuse();
      },
      (error: unknown) => undelivered(list, entries, error),
    );
  }

  #warnOfMissingList(): void {
    if (this.#warnedOfMissingList) return;
    this.#warnedOfMissingList = true;
    warn(
      'SESSIONS_NO_REVOCATIONS',
      'a session was ended or replaced, but without "revocations" only the client\'s own copy goes: a copied token lives on until it expires. Pass revocations: new RevocationList()',
    );
  }
}

/** The session by the names and the `since` that revocations from before this commit match. */
function judgedOf<Data, User>({ id, lineage, uid, since, origin }: SessionState<Data, User>): Revocable & SessionFacts {
  return { id: origin?.id ?? id, lineage: origin?.lineage ?? lineage, uid, since };
}

/** The client never received the newer credential that a grace period would protect. */
function undelivered(list: RevocationList, entries: readonly NewRevocation[], error: unknown): never {
  list.forgetHandingOver(entries);
  throw error;
}

function settle<Data, User>(state: SessionState<Data, User>, { origin, snapshot }: Written<Data, User>): void {
  state.origin = origin;
  state.sessionData.settle(snapshot.sessionData);
  state.userData.settle(snapshot.userData);
  state.changed = false;
  state.proved = false;
  state.migrated = false;
  state.force = 'DoNotForceInvalidate';
}

/** The result, once `work` is done. */
function after(
  result: CommitResult | Promise<CommitResult>,
  work: Promise<unknown> | undefined,
): CommitResult | Promise<CommitResult> {
  return work === undefined ? result : Promise.all([result, work]).then(([committed]) => committed);
}

/** What a commit overwrites, for one that fails: the next one must issue the token again. */
type Pending<Data, User> = Pick<
  SessionState<Data, User>,
  'id' | 'lineage' | 'since' | 'origin' | 'changed' | 'proved' | 'migrated' | 'force'
>;

function pendingOf<Data, User>({
  id,
  lineage,
  since,
  origin,
  changed,
  proved,
  migrated,
  force,
}: SessionState<Data, User>): Pending<Data, User> {
  return { id, lineage, since, origin, changed, proved, migrated, force };
}
