import { SessionAlreadyExists, StoreFull, StoreUnavailable } from '../../errors.js';
import { cloneJson, copyAsJson } from '../../lib/json.js';
import type { Retired, SessionRecord } from '../../ports/store.js';
import { endOf, isTouchDue } from '../../session/expiry.js';
import { runChange } from '../../session/run-change.js';
import { isContentModified, type SessionState } from '../../session/session-state.js';
import { factsOf, type SessionEventEmitter } from '../events.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import { type SessionSnapshot, snapshotOf } from '../session-snapshot.js';
import { rememberId } from './earlier-ids.js';
import type { ServerHandle, SessionChange } from './handle.js';
import type { Leftovers } from './leftovers.js';
import type { ServerSettings } from './options.js';
import { rebase } from './rebase.js';
import type { RecordCodec, RecordData, RecordFacts, RecordMarks } from './record-codec.js';
import { followEntry, isClosed, isRetired } from './record-reader.js';

/**
 * How often one write is tried. Each failed attempt means that another writer was first, so this limits how many can
 * write a session at once.
 */
const MOST_ATTEMPTS = 100;
const MOST_COLLISIONS = 3;

/** The outcome of one attempt: `again` after a conflict, `over` when the session has ended. */
type Attempt = 'done' | 'again' | 'over';

/** A write to carry out. */
interface Due<Data, User> {
  readonly data: RecordData<Data, User>;
  /** The data that `change` was applied to; `undefined` without a change. */
  readonly before: RecordData<Data, User> | undefined;
  /** Whether it changes more than the id or `lastAccess`. */
  readonly isSave: boolean;
}

/** What one attempt passes to the next. */
interface Progress {
  /** The new record of an unfinished rotation. The old record does not lead to it yet. */
  pending: SessionRecord | undefined;
  /** How often the id of a new record was taken. */
  collisions: number;
  /** Keys that others changed too. */
  readonly contested: Set<string>;
}

/** Writes sessions. No write is lost, none revives an ended session, and a rotation leaves one successor. */
export class RecordWriter<Data, User> {
  readonly #settings: ServerSettings;
  readonly #leftovers: Leftovers;
  readonly #codec: RecordCodec<Data, User>;
  readonly #events: SessionEventEmitter;

  constructor(
    settings: ServerSettings,
    leftovers: Leftovers,
    codec: RecordCodec<Data, User>,
    events: SessionEventEmitter,
  ) {
    this.#settings = settings;
    this.#leftovers = leftovers;
    this.#codec = codec;
    this.#events = events;
  }

  /** Whether the session differs from its record by more than a recent `lastAccess`. @throws SessionDataInvalid */
  isDue({ state, stored }: ServerHandle<Data, User>): boolean {
    if (stored === undefined || stored.id !== state.id || isContentDue(state)) return true;
    return isTouchDue(this.#settings.resolution, state, stored.lastAccess);
  }

  /**
   * Writes the session, merged with what others wrote since. `change` is applied to the newest data. Resolves to false
   * when the session has ended or was replaced: nothing was written, and `handle.over` is the reason. Callers take
   * turns: see `ServerHandle.inTurn`.
   * @throws SessionDataInvalid @throws StoreUnavailable
   */
  async write(handle: ServerHandle<Data, User>, change?: SessionChange<Data, User>): Promise<boolean> {
    const progress: Progress = { pending: undefined, collisions: 0, contested: new Set() };
    let attempt: Attempt = 'again';
    try {
      for (let left = MOST_ATTEMPTS; attempt === 'again'; left -= 1) {
        if (left === 0) throw new StoreUnavailable('the session was written by others faster than it could be merged');
        attempt = handle.over === undefined ? await this.#attempt(handle, change, progress) : 'over';
        if (attempt === 'again' && !(await this.#catchUp(handle, progress))) attempt = 'over';
      }
    } catch (error) {
      if (progress.pending !== undefined) this.#abandon(handle, progress.pending.id);
      throw error;
    }
    if (attempt === 'over') await this.#drop(handle, progress);
    else this.#announceConflict(handle, progress);
    return attempt === 'done';
  }

  /** Why the session of a record cannot be written any more; `undefined` while it can. */
  async whyGone(
    { store, isOutside }: ServerHandle<Data, User>,
    stored: RecordFacts<Data, User>,
    now: number,
  ): Promise<string | undefined> {
    const found = await followEntry(store, stored.id, now, { stopsWhenClosed: !isOutside });
    if (found === undefined) return 'revoked';
    if (isRetired(found)) return found.retired.reason === undefined || isClosed(found) ? SUPERSEDED : 'revoked';
    return found.lineage === stored.lineage ? undefined : SUPERSEDED;
  }

  /** Removes a stored session whose sid no client will get. It can be stored again, under another id. */
  takeBack(handle: ServerHandle<Data, User>): void {
    const { stored } = handle;
    handle.stored = undefined;
    if (stored !== undefined) this.#abandon(handle, stored.id);
  }

  async #attempt(
    handle: ServerHandle<Data, User>,
    change: SessionChange<Data, User> | undefined,
    progress: Progress,
  ): Promise<Attempt> {
    const { state, stored } = handle;
    // Who has a replaced sid can keep a request open: after the grace it writes no more.
    if (handle.isAlias && this.#settings.clock.now() >= (handle.aliasUntil ?? Number.POSITIVE_INFINITY)) {
      return markOver(handle, SUPERSEDED);
    }
    if (stored !== undefined && handle.isAlias && state.id !== stored.id) {
      // Its new id would be a credential, which this client must not get; a change of user requires one.
      if (state.lineage !== stored.lineage) return markOver(handle, SUPERSEDED);
      // The new authentication must not apply to the client that has the successor's sid.
      state.authenticatedAt = stored.authenticatedAt;
      state.since = stored.since;
      state.id = stored.id;
      state.proved = false;
    }
    const isRotation = stored !== undefined && state.id !== stored.id;
    if (isRotation && progress.pending?.id !== state.id) await this.#drop(handle, progress);
    const isSave = change !== undefined || isContentModified(state);
    if (stored !== undefined && !isRotation && !isSave && !state.migrated) return await this.#touch(handle, stored);
    const due = { ...this.#dataOf(state, change), isSave };
    const { changed, migrated } = state;
    // Later changes of the application belong to the next write.
    state.changed = false;
    state.migrated = false;
    let attempt: Attempt = 'again';
    try {
      if (stored === undefined) attempt = await this.#create(handle, due, progress);
      else if (isRotation) attempt = await this.#rotate(handle, stored, due, progress);
      else attempt = await this.#update(handle, stored, due);
      return attempt;
    } finally {
      if (attempt !== 'done') {
        state.changed ||= changed;
        state.migrated ||= migrated;
      }
    }
  }

  async #create(handle: ServerHandle<Data, User>, due: Due<Data, User>, progress: Progress): Promise<Attempt> {
    const { state } = handle;
    const marks = { version: 0, order: handle.order, earlier: '', replaces: undefined };
    const snapshot = this.#snapshotOf(state, due);
    const record = this.#codec.encode(snapshot, marks);
    const attempt = await this.#createAs(handle, record, progress);
    if (attempt !== 'done') return attempt;
    this.#settle(handle, record, snapshot, marks, due);
    this.#events.emit('created', factsOf(state));
    if (due.isSave) this.#events.emit('saved', factsOf(state));
    return 'done';
  }

  /** Tries another id if this one is taken, by another session or by an earlier attempt whose answer was lost. */
  async #createAs(handle: ServerHandle<Data, User>, record: SessionRecord, progress: Progress): Promise<Attempt> {
    try {
      await handle.store.create(record, handle.stored?.id);
      return 'done';
    } catch (error) {
      if (!(error instanceof SessionAlreadyExists)) {
        if (!(error instanceof StoreFull)) this.#abandon(handle, record.id);
        throw error;
      }
      takeNewId(handle);
      if (progress.collisions === MOST_COLLISIONS) throw error;
      progress.collisions += 1;
      return 'again';
    }
  }

  /** Gives up an id under which a record may have been created. No client has its sid or will get it. */
  #abandon(handle: ServerHandle<Data, User>, id: string): void {
    this.#leftovers.remove(id);
    if (handle.state.id === id && handle.over === undefined) takeNewId(handle);
  }

  async #update(
    handle: ServerHandle<Data, User>,
    { version, earlier }: RecordFacts<Data, User>,
    due: Due<Data, User>,
  ): Promise<Attempt> {
    const { state } = handle;
    const marks = { version, order: handle.order, earlier, replaces: undefined };
    const snapshot = this.#snapshotOf(state, due);
    const record = this.#codec.encode(snapshot, marks);
    if ((await handle.store.update(record)) !== 'ok') return 'again';
    this.#settle(handle, record, snapshot, { ...marks, version: version + 1 }, due);
    this.#events.emit('saved', factsOf(state));
    return 'done';
  }

  async #touch(handle: ServerHandle<Data, User>, stored: RecordFacts<Data, User>): Promise<Attempt> {
    const { state } = handle;
    const { id, uid = null, lastAccess } = state;
    const expires = endOf(this.#settings.bounds, state);
    const expiresAt = expires === Number.POSITIVE_INFINITY ? null : expires;
    if (!(await handle.store.touch(id, uid, lastAccess, expiresAt))) return 'again';
    handle.stored = { ...stored, lastAccess, expires };
    return 'done';
  }

  /** Creates the new record, then replaces the old one with a tombstone. A crash in between leaves the session open. */
  async #rotate(
    handle: ServerHandle<Data, User>,
    stored: RecordFacts<Data, User>,
    due: Due<Data, User>,
    progress: Progress,
  ): Promise<Attempt> {
    const { state } = handle;
    const { pending } = progress;
    const marks = { version: pending?.version ?? 0, order: handle.order, ...succession(state, stored) };
    const snapshot = this.#snapshotOf(state, due);
    const record = this.#codec.encode(snapshot, marks);
    const tombstone = this.#tombstone(stored, state);
    if (pending === undefined) {
      if ((await this.#createAs(handle, record, progress)) !== 'done') return 'again';
    } else if ((await handle.store.update(record)) !== 'ok') return markOver(handle, 'revoked');
    const created = { ...record, version: pending === undefined ? 0 : record.version + 1 };
    // If the outcome is unknown, the old id may already lead to the new record, which must then stay.
    progress.pending = tombstone.retired.successor === null ? created : undefined;
    if ((await handle.store.retire(stored.id, stored.version, tombstone)) !== 'ok') {
      progress.pending = created;
      return 'again';
    }
    progress.pending = undefined;
    this.#settle(handle, record, snapshot, { ...marks, version: created.version }, due);
    this.#events.emit('rotated', { ...factsOf(state), previous: { id: stored.id, lineage: stored.lineage } });
    if (due.isSave) this.#events.emit('saved', factsOf(state));
    return 'done';
  }

  /** What is left in place of a record that a rotation replaced. */
  #tombstone(stored: RecordFacts<Data, User>, { id, lineage, proved }: SessionState<Data, User>): Retired {
    const at = this.#settings.clock.now();
    const successor = lineage === stored.lineage ? id : null;
    const closed = proved && successor !== null ? { reason: SUPERSEDED } : {};
    return { id: stored.id, retired: { successor, at, ...closed }, expiresAt: at + this.#settings.reuseWindow };
  }

  /**
   * After a conflict: merges what others wrote, under the new id if they rotated the session. Resolves to false if the
   * session has ended.
   */
  async #catchUp(handle: ServerHandle<Data, User>, progress: Progress): Promise<boolean> {
    const { stored, state } = handle;
    if (stored === undefined) return true;
    const now = this.#settings.clock.now();
    const there = await handle.store.load(stored.id, now);
    if (there === undefined && state.uid !== undefined && state.lineage !== stored.lineage) {
      // There is no tombstone, so nobody ended it. A response without the new sid would look like a sign-in that
      // succeeded.
      markOver(handle, 'revoked');
      await this.#drop(handle, progress);
      throw new StoreUnavailable('the store lost the session from which its user signed in: sign in again');
    }
    const found = isRetired(there)
      ? await followEntry(handle.store, stored.id, now, { stopsWhenClosed: !handle.isOutside })
      : there;
    if (found === undefined || isRetired(found)) {
      const isRevoked = found === undefined || (found.retired.reason !== undefined && !isClosed(found));
      markOver(handle, isRevoked ? 'revoked' : SUPERSEDED);
      return false;
    }
    const theirs = this.#decode(found);
    if (theirs === undefined) {
      markOver(handle, 'invalid_data');
      return false;
    }
    const isReplaced = found.id !== stored.id;
    if (isReplaced && isRetired(there) && !handle.isOutside) {
      handle.aliasUntil = there.retired.at + this.#settings.rotationGrace;
      if (now >= handle.aliasUntil) {
        markOver(handle, SUPERSEDED);
        return false;
      }
    }
    if (isReplaced) {
      await this.#drop(handle, progress);
      // The request that rotated it first gave the client its new sid.
      if (state.lineage === stored.lineage) {
        state.id = found.id;
        state.authenticatedAt = stored.authenticatedAt;
      }
      handle.isAlias = true;
      handle.sid = undefined;
    }
    for (const key of rebase(handle, theirs)) progress.contested.add(key);
    return true;
  }

  /** Returns `undefined` for invalid data, which another version of the application may have stored. */
  #decode(record: SessionRecord): RecordFacts<Data, User> | undefined {
    try {
      return this.#codec.decode(record);
    } catch {
      return undefined;
    }
  }

  /** Removes the new record of a rotation that is given up, so that no second session is left. */
  async #drop(handle: ServerHandle<Data, User>, progress: Progress): Promise<void> {
    const { pending } = progress;
    if (pending !== undefined) await handle.store.delete(pending.id);
    progress.pending = undefined;
  }

  #dataOf(
    state: SessionState<Data, User>,
    change: SessionChange<Data, User> | undefined,
  ): Pick<Due<Data, User>, 'data' | 'before'> {
    if (change === undefined) return { data: this.#codec.dataOf(state), before: undefined };
    const before = {
      sessionData: copyAsJson(state.sessionData.value, 'sessionData'),
      userData: copyAsJson(state.userData.value, 'userData'),
    };
    const changed = cloneJson(before);
    runChange(() => change(changed.sessionData, changed.userData));
    return { data: this.#codec.dataOf(state, changed), before };
  }

  #snapshotOf(
    state: SessionState<Data, User>,
    { data: { sessionData, userData } }: Due<Data, User>,
  ): SessionSnapshot<Data, User> {
    return snapshotOf(state, endOf(this.#settings.bounds, state), sessionData, userData);
  }

  /** Makes what was written the base that later changes are compared with. */
  #settle(
    handle: ServerHandle<Data, User>,
    record: SessionRecord,
    snapshot: SessionSnapshot<Data, User>,
    marks: RecordMarks,
    { data, before }: Due<Data, User>,
  ): void {
    this.#codec.written(record, snapshot, marks);
    const { sessionData, userData } = handle.state;
    if (before !== undefined) {
      sessionData.absorb(before.sessionData, data.sessionData);
      userData.absorb(before.userData, data.userData);
    }
    handle.state.proved = false;
    sessionData.settle(data.sessionData);
    userData.settle(data.userData);
    handle.stored = Object.assign(snapshot, marks);
  }

  #announceConflict({ state }: ServerHandle<Data, User>, { contested }: Progress): void {
    if (contested.size > 0) this.#events.emit('conflict', { ...factsOf(state), keys: [...contested] });
  }
}

function isContentDue<Data, User>(state: SessionState<Data, User>): boolean {
  return state.migrated || isContentModified(state);
}

function markOver<Data, User>(handle: ServerHandle<Data, User>, reason: string): 'over' {
  handle.over = reason;
  return 'over';
}

function takeNewId<Data, User>(handle: ServerHandle<Data, User>): void {
  const { state } = handle;
  const isFirst = state.lineage === state.id;
  state.id = handle.newId();
  if (isFirst) state.lineage = state.id;
}

/** The marks by which a record refers to the one that it replaces. */
function succession<Data, User>(
  state: SessionState<Data, User>,
  stored: RecordFacts<Data, User>,
): Pick<RecordMarks, 'earlier' | 'replaces'> {
  if (state.lineage === stored.lineage) return { earlier: rememberId(stored.earlier, stored.id), replaces: undefined };
  return { earlier: '', replaces: state.uid === undefined ? undefined : stored.id };
}
