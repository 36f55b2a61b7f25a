import { SessionAlreadyExists, StoreFull, StoreUnavailable } from '../../errors.js';
import { cloneJson, copyAsJson } from '../../lib/json.js';
import type { Retired, SessionRecord, WriteOutcome } from '../../ports/store.js';
import { endOf, resolutionOf } from '../../session/expiry.js';
import { runChange } from '../../session/run-change.js';
import { isContentModified } from '../../session/session-state.js';
import { factsOf, type SessionEventEmitter } from '../events.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import { rememberId } from './earlier-ids.js';
import type { ServerHandle, SessionChange } from './handle.js';
import type { Leftovers } from './leftovers.js';
import type { ServerSettings } from './options.js';
import { rebase } from './rebase.js';
import type { RecordCodec, RecordData, RecordFacts, RecordMarks } from './record-codec.js';
import { followEntry, isRetired, loadEntry } from './record-reader.js';

/** How often a write is tried again because another came first: as many as write one session at the same time. */
const MOST_ATTEMPTS = 100;
const MOST_COLLISIONS = 3;

/** What a try to write came to. */
type Attempt = 'done' | 'again' | 'over';

/** What is to be written: the data, what a change made them of, and the rest as it is now, because the application may go on meanwhile. */
interface DueData<Data, User> {
  readonly data: RecordData<Data, User>;
  readonly before: RecordData<Data, User> | undefined;
  readonly marks: Pick<RecordFacts<Data, User>, 'since' | 'authenticatedAt' | 'life' | 'info'>;
}

/** What must be known from one attempt to the next. */
interface Progress {
  /** The record of a rotation that is not finished: stored, and not yet led to by the old one. */
  pending: SessionRecord | undefined;
  /** How often the id of a new record was taken. */
  collisions: number;
  /** Keys that others changed too. */
  readonly contested: Set<string>;
}

/** Puts sessions in the store so that no write is lost, none brings back what ended, and a rotation leaves one successor. */
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

  /** Whether more than a lastAccess within the resolution differs from what is stored. @throws SessionDataInvalid */
  isDue({ state, stored }: ServerHandle<Data, User>): boolean {
    if (stored === undefined || stored.id !== state.id || this.#isContentDue(state)) return true;
    const age = state.lastAccess - stored.lastAccess;
    return age > 0 && age >= resolutionOf(this.#settings.resolution, state.life);
  }

  /**
   * Stores the session as it is, with what others wrote since, and `change` applied to the newest data. False when it is over:
   * ended or replaced meanwhile; then nothing is stored, and `handle.over` says why.
   * @throws SessionDataInvalid @throws StoreUnavailable
   */
  async put(handle: ServerHandle<Data, User>, change?: SessionChange<Data, User>): Promise<boolean> {
    return await handle.inTurn(() => this.#put(handle, change));
  }

  async #put(handle: ServerHandle<Data, User>, change: SessionChange<Data, User> | undefined): Promise<boolean> {
    const progress: Progress = { pending: undefined, collisions: 0, contested: new Set() };
    try {
      if (await this.#tryOn(handle, change, progress)) return true;
    } catch (error) {
      if (progress.pending !== undefined) this.#abandon(handle, progress.pending.id);
      throw error;
    }
    await this.#drop(handle, progress);
    return false;
  }

  async #tryOn(
    handle: ServerHandle<Data, User>,
    change: SessionChange<Data, User> | undefined,
    progress: Progress,
  ): Promise<boolean> {
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
      let attempt: Attempt = handle.over === undefined ? await this.#attempt(handle, change, progress) : 'over';
      if (attempt === 'again' && !(await this.#catchUp(handle, progress))) attempt = 'over';
      if (attempt === 'done') this.#announceConflict(handle, progress);
      if (attempt !== 'again') return attempt === 'done';
    }
    throw new StoreUnavailable('the session was written by others faster than it could be merged');
  }

  async #attempt(
    handle: ServerHandle<Data, User>,
    change: SessionChange<Data, User> | undefined,
    progress: Progress,
  ): Promise<Attempt> {
    const { state, stored } = handle;
    if (stored === undefined) return await this.#create(handle, change, progress);
    if (handle.isAlias && state.id !== stored.id) {
      // Its new id would be a credential; a change of user cannot do without one.
      if (state.lineage !== stored.lineage) return this.#over(handle, SUPERSEDED);
      // And a new proof of who it is must not go to whoever has the successor's credential.
      state.authenticatedAt = stored.authenticatedAt;
      state.since = stored.since;
      state.id = stored.id;
    }
    if (state.id !== stored.id) return await this.#rotate(handle, change, progress);
    if (change !== undefined || this.#isContentDue(state)) return await this.#update(handle, change);
    return await this.#touch(handle);
  }

  async #create(
    handle: ServerHandle<Data, User>,
    change: SessionChange<Data, User> | undefined,
    progress: Progress,
  ): Promise<Attempt> {
    const { state } = handle;
    const isSaved = change !== undefined || isContentModified(state);
    const due = this.#dataOf(handle, change);
    const marks = { version: 0, order: handle.order, earlier: '', replaces: undefined };
    const record = this.#codec.write(state, due.data, marks);
    const attempt = await this.#writing(handle, () => this.#createAs(handle, record, progress));
    if (attempt !== 'done') return attempt;
    this.#settle(handle, record, due, marks);
    this.#events.emit('created', factsOf(state));
    if (isSaved) this.#events.emit('saved', factsOf(state));
    return 'done';
  }

  /** Where the id is taken, by somebody else or by a try whose answer was lost, it is tried again under another. */
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

  /** Gives up an id under which a record may have been created: nobody got its sid, and nobody ever will. */
  #abandon(handle: ServerHandle<Data, User>, id: string): void {
    this.#leftovers.remove(id);
    if (handle.state.id === id && handle.over === undefined) takeNewId(handle);
  }

  async #update(handle: ServerHandle<Data, User>, change: SessionChange<Data, User> | undefined): Promise<Attempt> {
    const { state, stored } = handle;
    const due = this.#dataOf(handle, change);
    const { version = 0, earlier = '' } = stored ?? {};
    const marks = { version, order: handle.order, earlier, replaces: undefined };
    const record = this.#codec.write(state, due.data, marks);
    const outcome = await this.#writing(handle, () => handle.store.update(record));
    if (outcome !== 'ok') return 'again';
    this.#settle(handle, { ...record, version: record.version + 1 }, due, marks);
    this.#events.emit('saved', factsOf(state));
    return 'done';
  }

  async #touch(handle: ServerHandle<Data, User>): Promise<Attempt> {
    const { state, stored } = handle;
    if (stored === undefined) return 'again';
    const { id, uid = null, lastAccess } = state;
    const expires = endOf(this.#settings.bounds, state);
    const expiresAt = expires === Number.POSITIVE_INFINITY ? null : expires;
    const isThere = await handle.store.touch(id, uid, lastAccess, expiresAt);
    if (!isThere) return 'again';
    handle.stored = { ...stored, lastAccess, expires };
    return 'done';
  }

  /** The new record first, then the tombstone in place of the old one: whoever is interrupted leaves the session open, not lost. */
  async #rotate(
    handle: ServerHandle<Data, User>,
    change: SessionChange<Data, User> | undefined,
    progress: Progress,
  ): Promise<Attempt> {
    const { state, stored } = handle;
    if (stored === undefined) return 'again';
    if (progress.pending?.id !== state.id) await this.#drop(handle, progress);
    const { pending } = progress;
    const due = this.#dataOf(handle, change);
    const marks = { version: pending?.version ?? 0, order: handle.order, ...succession(handle, stored) };
    const record = this.#codec.write(state, due.data, marks);
    const isSaved = change !== undefined || isContentModified(state);
    const tombstone = this.#tombstone(stored.id, state.lineage === stored.lineage ? state.id : null);
    return await this.#writing(handle, async () => {
      if (pending === undefined) {
        if ((await this.#createAs(handle, record, progress)) !== 'done') return 'again';
      } else if ((await handle.store.update(record)) !== 'ok') return this.#over(handle, 'revoked');
      const created = { ...record, version: pending === undefined ? 0 : record.version + 1 };
      // While it is not known whether the old id leads to the new record, that must stay.
      progress.pending = tombstone.retired.successor === null ? created : undefined;
      if ((await handle.store.retire(stored.id, stored.version, tombstone)) !== 'ok') {
        progress.pending = created;
        return 'again';
      }
      progress.pending = undefined;
      this.#settle(handle, created, due, marks);
      this.#events.emit('rotated', { ...factsOf(state), previous: { id: stored.id, lineage: stored.lineage } });
      if (isSaved) this.#events.emit('saved', factsOf(state));
      return 'done';
    });
  }

  #tombstone(id: string, successor: string | null): Retired {
    const at = this.#settings.clock.now();
    return { id, retired: { successor, at }, expiresAt: at + this.#settings.reuseWindow };
  }

  /** After a conflict: what others wrote is merged in; or the session lives on under an id that they gave it; or it is over. */
  async #catchUp(handle: ServerHandle<Data, User>, progress: Progress): Promise<boolean> {
    const { stored, state } = handle;
    if (stored === undefined) return true;
    const now = this.#settings.clock.now();
    const there = await loadEntry(handle.store, stored.id, now);
    if (there === undefined && state.uid !== undefined && state.lineage !== stored.lineage) {
      // Nobody ended it, which would have left a tombstone. A response without the new sid would look like a sign-in that succeeded.
      this.#over(handle, 'revoked');
      await this.#drop(handle, progress);
      throw new StoreUnavailable('the store lost the session from which its user signed in: sign in again');
    }
    const found = isRetired(there) ? await followEntry(handle.store, stored.id, now) : there;
    if (found === undefined || isRetired(found)) {
      this.#over(handle, found === undefined || found.retired.reason !== undefined ? 'revoked' : SUPERSEDED);
      return false;
    }
    const theirs = this.#read(found);
    if (theirs === undefined) {
      this.#over(handle, 'invalid_data');
      return false;
    }
    const isReplaced = found.id !== stored.id;
    if (isReplaced) {
      await this.#drop(handle, progress);
      // Whoever rotated it first gave the client its credential.
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

  /** `undefined` for what no session can be made of, as another version of the application may have stored since. */
  #read(record: SessionRecord): RecordFacts<Data, User> | undefined {
    try {
      return this.#codec.read(record);
    } catch {
      return undefined;
    }
  }

  /** A rotation that is given up leaves no second session behind. */
  async #drop(handle: ServerHandle<Data, User>, progress: Progress): Promise<void> {
    const { pending } = progress;
    if (pending !== undefined) await handle.store.delete(pending.id);
    progress.pending = undefined;
  }

  #over(handle: ServerHandle<Data, User>, reason: string): 'over' {
    handle.over = reason;
    return 'over';
  }

  /** What the application changes while the store writes is not yet written. */
  async #writing<Result extends WriteOutcome | Attempt>(
    { state }: ServerHandle<Data, User>,
    write: () => Promise<Result>,
  ): Promise<Result> {
    const { changed, migrated } = state;
    state.changed = false;
    state.migrated = false;
    let isWritten = false;
    try {
      const result = await write();
      isWritten = result === 'ok' || result === 'done';
      return result;
    } finally {
      if (!isWritten) {
        state.changed ||= changed;
        state.migrated ||= migrated;
      }
    }
  }

  #isContentDue(state: ServerHandle<Data, User>['state']): boolean {
    return state.migrated || isContentModified(state);
  }

  #dataOf({ state }: ServerHandle<Data, User>, change: SessionChange<Data, User> | undefined): DueData<Data, User> {
    const { since, authenticatedAt, life, info } = state;
    const marks = { since, authenticatedAt, life, info };
    if (change === undefined) return { data: this.#codec.dataOf(state), before: undefined, marks };
    const before = {
      sessionData: copyAsJson(state.sessionData.value, 'sessionData'),
      userData: copyAsJson(state.userData.value, 'userData'),
    };
    const changed = cloneJson(before);
    runChange(() => change(changed.sessionData, changed.userData));
    return { data: this.#codec.dataOf(state, changed), before, marks };
  }

  #settle(
    handle: ServerHandle<Data, User>,
    record: SessionRecord,
    { data, before, marks }: DueData<Data, User>,
    { earlier, replaces }: RecordMarks,
  ): void {
    const { state } = handle;
    if (before !== undefined) {
      state.sessionData.absorb(before.sessionData, data.sessionData);
      state.userData.absorb(before.userData, data.userData);
    }
    state.sessionData.settle(data.sessionData);
    state.userData.settle(data.userData);
    const { id, lineage, uid, version, created, lastAccess, lastUpdate, expiresAt } = record;
    const { since, authenticatedAt, life, info } = marks;
    handle.stored = {
      id,
      lineage,
      uid: uid ?? undefined,
      created,
      lastAccess,
      lastUpdate,
      since,
      authenticatedAt,
      life,
      info,
      ...data,
      migrated: false,
      version,
      expires: expiresAt ?? Number.POSITIVE_INFINITY,
      order: handle.order,
      earlier,
      replaces,
    };
  }

  #announceConflict({ state }: ServerHandle<Data, User>, { contested }: Progress): void {
    if (contested.size > 0) this.#events.emit('conflict', { ...factsOf(state), keys: [...contested] });
  }
}

function takeNewId<Data, User>(handle: ServerHandle<Data, User>): void {
  const { state } = handle;
  const isFirst = state.lineage === state.id;
  state.id = handle.newId();
  if (isFirst) state.lineage = state.id;
}

/** What a record says of the one that it takes the place of. */
function succession<Data, User>(
  { state }: ServerHandle<Data, User>,
  stored: RecordFacts<Data, User>,
): Pick<RecordMarks, 'earlier' | 'replaces'> {
  if (state.lineage === stored.lineage) return { earlier: rememberId(stored.earlier, stored.id), replaces: undefined };
  return { earlier: '', replaces: state.uid === undefined ? undefined : stored.id };
}
