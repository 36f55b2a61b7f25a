import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';
import type { Guarantee, NewRevocation } from '../../ports/revocation-log.js';
import type { Retired, SessionRecord } from '../../ports/store.js';
import type { SessionEventEmitter, SessionFacts } from '../events.js';
import type { GuardedStore } from '../guarded-store.js';
import { RevocationEntries } from '../revocation/entries.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import type { ServerSettings } from './options.js';
import { RecentEnds } from './recent-ends.js';
import { followEntry, isRetired } from './record-reader.js';

/** How often ending a session is tried. Only a concurrent rotation, or a long series of them, costs an attempt. */
const MOST_ATTEMPTS = 20;
/** How many sessions of a user one operation of the store ends. */
const BATCH = 500;

/** The outcome of ending a session: the record that ended, or why there was none. */
export type Ended = SessionRecord | 'superseded' | 'revoked' | 'unknown';

/** Ends sessions in the store, and then informs the revocation list, if there is one. */
export class SessionEnder {
  readonly #settings: ServerSettings;
  readonly #events: SessionEventEmitter;
  readonly #entries: RevocationEntries;
  readonly #waitsForLog: boolean;
  readonly recent: RecentEnds;

  constructor(
    settings: ServerSettings,
    events: SessionEventEmitter,
    recent: RecentEnds = new RecentEnds(),
    waitsForLog = true,
  ) {
    this.#settings = settings;
    this.#events = events;
    this.#entries = new RevocationEntries(settings);
    this.recent = recent;
    this.#waitsForLog = waitsForLog;
  }

  /** The same, but for the log of the revocation list: it is not waited for. */
  withoutLog(): SessionEnder {
    return new SessionEnder(this.#settings, this.#events, this.recent, false);
  }

  /**
   * Ends the session that an id leads to, following its rotations. Leaves a tombstone for concurrent requests.
   *
   * Other writes do not delay it, because it does not compare versions. Only a concurrent rotation costs another
   * attempt.
   */
  async end(store: GuardedStore, id: string, reason: string): Promise<Ended> {
    let from = id;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const now = this.#settings.clock.now();
      const found = await followEntry(store, from, now);
      if (found === undefined) return 'unknown';
      from = found.id;
      if (isRetired(found)) {
        if (found.retired.successor !== null) continue;
        return found.retired.reason === undefined ? 'superseded' : 'revoked';
      }
      if (await retired(store, { id: found.id, ...this.#tombstone(reason, now) })) {
        await this.announce(found, reason);
        return found;
      }
    }
    throw new StoreUnavailable('the session was rotated faster than it could be ended: end it again');
  }

  /**
   * Ends a session by its names. If it has a user, all records of its lineage end: the tombstones that lead to the
   * session may have expired, and a crash during a rotation can leave two records.
   */
  async endStored(store: GuardedStore, { id, lineage, uid }: SessionFacts, reason: string): Promise<Ended> {
    let ended = await this.end(store, id, reason);
    if (uid === undefined || ended === 'superseded' || ended === 'revoked') return ended;
    const now = this.#settings.clock.now();
    for (const { id: other } of await store.ofUser(uid, now, lineage)) {
      if (ended === 'unknown') ended = await this.end(store, other, reason);
      else await retired(store, { id: other, ...this.#tombstone(reason, now) });
    }
    return ended;
  }

  /**
   * Ends all sessions of a user, except those of the lineage `except`, in steps of limited size. If a step fails, the
   * sessions that have ended stay ended. Returns how many ended.
   * @throws StoreUnavailable if the store fails; some sessions may have ended, and the call must be repeated
   */
  async endUser(store: GuardedStore, uid: string, except: string | undefined, reason: string): Promise<number> {
    const now = this.#settings.clock.now();
    const tombstone = this.#tombstone(reason, now);
    let count = 0;
    for (let isLeft = true; isLeft; ) {
      const ids = await store
        .afresh()
        .deleteOfUser(uid, except, { limit: BATCH, tombstone })
        .catch((error: unknown) => {
          throw count === 0 ? error : new StoreUnavailable(`only ${count} sessions have ended: end them again`, error);
        });
      this.recent.add(...ids);
      count += ids.length;
      isLeft = ids.length >= BATCH;
      if (isLeft) await nextTurn();
    }
    this.#events.emit('ended', { uid, reason, ...(except === undefined ? {} : { except }) });
    await this.#tell([this.#entries.ofUser(uid, except === undefined ? [] : [except], reason, now)], now);
    return count;
  }

  /**
   * Ends everyone's sessions. Returns how many, if it is known. `wait`: how far the entry of the revocation list must have
   * reached.
   */
  async endEveryone(store: GuardedStore, reason: string, wait: Guarantee | undefined): Promise<number | undefined> {
    const now = this.#settings.clock.now();
    const count = store.canDeleteAll ? await store.deleteAll() : undefined;
    this.recent.everyone += 1;
    this.#events.emit('ended', { reason });
    await this.#tell([this.#entries.ofEveryone(reason, now)], now, wait);
    return count;
  }

  /** Emits `ended`, and informs the revocation list of a session that was just ended in the store. */
  async announce({ id, lineage, uid }: SessionRecord, reason: string): Promise<void> {
    const now = this.#settings.clock.now();
    this.recent.add(id, lineage);
    this.#events.emit('ended', { id, lineage, uid: uid ?? undefined, reason });
    await this.#tell([this.#entries.ofSession({ lineage, life: undefined }, reason, now)], now);
  }

  /**
   * Informs the revocation list of a session that was not found in the store. It may exist under an id that only its
   * client knows.
   */
  async announceNames(id: string, lineage: string, reason: string): Promise<void> {
    const now = this.#settings.clock.now();
    await this.#tell(this.#entries.ofNames(id, lineage, reason, now), now);
  }

  /**
   * Informs the revocation list that another session replaced this one, so that its streams end. No request waits for
   * this, because the store already refuses the old session.
   */
  supersede(lineage: string): void {
    this.recent.add(lineage);
    const now = this.#settings.clock.now();
    this.#tell([this.#entries.ofSession({ lineage, life: undefined }, SUPERSEDED, now)], now).catch(() => undefined);
  }

  /** Resolves when what the end of sessions has started is done. */
  async settled(): Promise<void> {
    await this.#events.effects.settled();
  }

  #tombstone(reason: string, at: number): Omit<Retired, 'id'> {
    return { retired: { successor: null, at, reason }, expiresAt: at + this.#settings.reuseWindow };
  }

  /** Informs the revocation list, and waits for what the end of the sessions has started. */
  async #tell(entries: readonly NewRevocation[], now: number, wait?: Guarantee): Promise<void> {
    const { revocations } = this.#settings;
    const added = revocations?.add(entries, now, { wait });
    if (this.#waitsForLog) await added;
    else added?.catch(() => undefined);
    await Promise.all([revocations?.effects.settled(), this.settled()]);
  }
}

/** Returns whether there was a session and it has ended. */
async function retired(store: GuardedStore, tombstone: Retired): Promise<boolean> {
  const outcome = await store.retire(tombstone.id, null, tombstone);
  // For stores that ignore `null` as a version: the session must end all the same.
  return outcome === 'conflict' ? await store.delete(tombstone.id) : outcome === 'ok';
}
