import type { NewRevocation } from '../ports/revocation-log.js';
import { expiryOf, withLifetime } from '../session/expiry.js';
import { newId } from '../session/id.js';
import { isContentModified, isModified, type Origin, type SessionState } from '../session/session-state.js';
import { factsOf, type SessionEventEmitter } from './events.js';
import { SUPERSEDED, type Verdict } from './revocation-index.js';
import type { CommitOptions, CommitResult } from './session-source.js';
import type { TokenSettings } from './session-storage-options.js';
import type { TokenRevocations } from './token-revocations.js';
import type { TokenWriter, Written } from './token-writer.js';
import { warn } from './warn.js';

const INVALIDATED = 'invalidated';

const UNCHANGED: CommitResult = Object.freeze({ outcome: 'unchanged' });
const WITHHELD: CommitResult = Object.freeze({ outcome: 'withheld' });
const ENDED: CommitResult = Object.freeze({ outcome: 'ended' });

/** What happens to a session at the end of its request: ended, renewed, left alone, or kept back because it is over. */
export class TokenCommit<Data, User> {
  readonly #settings: TokenSettings;
  readonly #writer: TokenWriter<Data, User>;
  readonly #entries: TokenRevocations;
  readonly #events: SessionEventEmitter;
  #warnedOfMissingList = false;

  constructor(
    settings: TokenSettings,
    writer: TokenWriter<Data, User>,
    entries: TokenRevocations,
    events: SessionEventEmitter,
  ) {
    this.#settings = settings;
    this.#writer = writer;
    this.#entries = entries;
    this.#events = events;
  }

  /** @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable when the log does not acknowledge */
  commit(
    state: SessionState<Data, User>,
    { eager = false, admit }: CommitOptions,
  ): CommitResult | Promise<CommitResult> {
    if (state.withheld) return this.#withhold(state);
    if (state.revoked !== undefined) return this.#end(state, state.revoked);
    if (isUnused(state) && !eager) return UNCHANGED;
    if (state.force === 'DoNotForceInvalidate' && this.#isGoodAsItIs(state)) return UNCHANGED;
    const now = this.#settings.clock.now();
    return this.#isOver(state, now) ? this.#withhold(state) : this.#renew(state, now, admit);
  }

  #isGoodAsItIs(state: SessionState<Data, User>): boolean {
    return this.#writer.isCurrent(state) || (!this.#writer.canWrite && !isModified(state));
  }

  /** The list is asked again right before sending: the session may have been ended since the request began. */
  #isOver(state: SessionState<Data, User>, now: number): boolean {
    if (expiryOf(withLifetime(this.#settings.bounds, state.life), state) <= now) return true;
    const known = this.#knownAgainst(state.origin, now) ?? this.#settings.revocations?.find(state, now);
    return known !== undefined;
  }

  /** What is known against the credential that the request came with, its user apart. */
  #knownAgainst(origin: Origin | undefined, now: number): Verdict | undefined {
    if (origin === undefined) return undefined;
    return this.#settings.revocations?.find({ ...origin, since: Number.POSITIVE_INFINITY }, now);
  }

  #end(state: SessionState<Data, User>, reason: string): CommitResult | Promise<CommitResult> {
    const { origin } = state;
    const now = this.#settings.clock.now();
    // A credential that was rotated out signs its session out all the same: the lineage lives on in its successor.
    const known = this.#knownAgainst(origin && { ...origin, id: '' }, now);
    state.withheld = true;
    if (known?.reason === SUPERSEDED) return WITHHELD;
    if (origin === undefined || known !== undefined) return ENDED;
    this.#events.emit('ended', { ...factsOf(origin), reason });
    return this.#after(this.#append(this.#entries.ofState(state, reason, now), now), ENDED);
  }

  #withhold(state: SessionState<Data, User>): CommitResult {
    const isAsked = state.force !== 'DoNotForceInvalidate';
    if (isAsked || isModified(state)) this.#events.emit('refused-late-save', factsOf(state));
    return WITHHELD;
  }

  #renew(
    state: SessionState<Data, User>,
    now: number,
    admit: CommitOptions['admit'],
  ): CommitResult | Promise<CommitResult> {
    const { origin } = state;
    const others = this.#invalidate(state, now);
    const isChanged = isContentModified(state);
    if (isChanged) state.lastUpdate = state.lastAccess = now;
    const written = this.#writer.write(state, now);
    const { sid, expires } = written.origin;
    admit?.(sid);
    settle(state, written);
    if (others.length > 0) this.#events.emit('ended', { uid: state.uid, reason: INVALIDATED });
    this.#announce(state, origin, isChanged);
    const entries = [...others, ...this.#leftBehind(origin, state, now)];
    return this.#after(this.#append(entries, now), {
      outcome: 'issued',
      sid,
      expires,
      persistent: state.life?.persistent,
    });
  }

  /** serversession's forced invalidation: for whoever is the user now; the survivor gets a new lineage. */
  #invalidate(state: SessionState<Data, User>, now: number): NewRevocation[] {
    const { force, uid } = state;
    if (force === 'DoNotForceInvalidate') return [];
    state.id = newId();
    state.lineage = state.id;
    // An earlier revocation of the user's sessions left this one out by the lineage that it loses now.
    const newestBefore = this.#settings.revocations?.newestBefore(uid) ?? Number.NEGATIVE_INFINITY;
    state.since = Math.max(state.since, newestBefore + 1);
    if (force === 'CurrentSessionId' || uid === undefined) return [];
    return [this.#entries.ofUser(uid, [state.lineage], INVALIDATED, now)];
  }

  #leftBehind(origin: Origin | undefined, { id, lineage }: SessionState<Data, User>, now: number): NewRevocation[] {
    if (origin === undefined || origin.id === id) return [];
    if (origin.lineage !== lineage) return [this.#entries.ofSession(origin, SUPERSEDED, now)];
    return [this.#entries.ofRotation(origin, now)];
  }

  #announce(state: SessionState<Data, User>, origin: Origin | undefined, isChanged: boolean): void {
    const facts = factsOf(state);
    if (origin === undefined) this.#events.emit('created', facts);
    else if (origin.id !== state.id)
      this.#events.emit('rotated', { ...facts, previous: { id: origin.id, lineage: origin.lineage } });
    if (isChanged) this.#events.emit('saved', facts);
  }

  /** Nothing to wait for when there is no log beyond this process. */
  #append(entries: readonly NewRevocation[], now: number): Promise<unknown> | undefined {
    if (entries.length === 0) return undefined;
    const list = this.#settings.revocations;
    if (list === undefined) {
      this.#warnOfMissingList();
      return undefined;
    }
    const added = list.add(entries, now);
    if (list.guarantee !== 'process') return added;
    added.catch(() => undefined);
    return undefined;
  }

  #after(pending: Promise<unknown> | undefined, result: CommitResult): CommitResult | Promise<CommitResult> {
    return pending === undefined ? result : pending.then(() => result);
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

/** A session made for a request, into which the request put nothing. */
function isUnused<Data, User>(state: SessionState<Data, User>): boolean {
  return state.lazy && state.origin === undefined && state.uid === undefined && !state.sessionData.isModified;
}

function settle<Data, User>(
  state: SessionState<Data, User>,
  { origin, sessionData, userData }: Written<Data, User>,
): void {
  state.origin = origin;
  state.sessionData.settle(sessionData);
  state.userData.settle(userData);
  state.changed = false;
  state.migrated = false;
  state.force = 'DoNotForceInvalidate';
}
