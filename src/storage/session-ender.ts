import { StoreUnavailable } from '../errors.js';
import type { NewRevocation } from '../ports/revocation-log.js';
import type { SessionRecord } from '../ports/store.js';
import type { SessionRef } from '../session/session.js';
import { deleteSome } from './delete-some.js';
import type { SessionEventEmitter, SessionFacts } from './events.js';
import type { GuardedStore } from './guarded-store.js';
import { isRetired, type RecordLoader } from './record-loader.js';
import { RevocationEntries } from './revocation-entries.js';
import { SUPERSEDED } from './revocation-index.js';
import type { ServerSettings } from './server-session-options.js';

const MOST_ATTEMPTS = 250;
const PATIENT_ATTEMPTS = 200;

/** What ending a session came to: the record that ended, or why there was none to end. */
export type Ended = SessionRecord | 'superseded' | 'revoked' | 'unknown';

/** Ends sessions in the store, and then tells the revocation list, if there is one. */
export class SessionEnder {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #loader: RecordLoader;
  readonly #events: SessionEventEmitter;
  readonly #entries: RevocationEntries;

  constructor(settings: ServerSettings, store: GuardedStore, loader: RecordLoader, events: SessionEventEmitter) {
    this.#settings = settings;
    this.#store = store;
    this.#loader = loader;
    this.#events = events;
    this.#entries = new RevocationEntries(settings);
  }

  /** Ends the session that an id leads to, wherever rotations have taken it meanwhile; leaves a tombstone for requests on their way. */
  async end(id: string, reason: string): Promise<Ended> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const now = this.#settings.clock.now();
      const found = await this.#loader.follow(id, now);
      if (found === undefined) return 'unknown';
      if (isRetired(found)) {
        if (found.retired.successor !== null) return 'unknown';
        return found.retired.reason === undefined ? 'superseded' : 'revoked';
      }
      // Written without a pause by others: then without asking for its version.
      const isForced = attempt >= PATIENT_ATTEMPTS && (await this.#store.delete(found.id));
      const tombstone = {
        id: found.id,
        retired: { successor: null, at: now, reason },
        expiresAt: now + this.#settings.reuseWindow,
      };
      if (isForced || (await this.#store.retire(found.id, found.version, tombstone)) === 'ok') {
        await this.announce(found, reason);
        return found;
      }
    }
    throw new StoreUnavailable('the session was rotated by others faster than it could be ended');
  }

  /**
   * The same by its lineage too, where that has a user: it may have been rotated so long ago that no trace leads to it, and a process that
   * died while it rotated left it twice.
   */
  async endStored({ id, lineage, uid }: SessionFacts, reason: string): Promise<Ended> {
    let ended = await this.end(id, reason);
    if (uid === undefined || ended === 'superseded' || ended === 'revoked') return ended;
    for (const record of await this.#store.ofUser(uid, this.#settings.clock.now())) {
      if (record.lineage !== lineage) continue;
      if (ended === 'unknown') ended = await this.end(record.id, reason);
      else await this.#store.delete(record.id);
    }
    return ended;
  }

  /** Ends all sessions of a user but `except`, of which the user knows no id yet. Gives how many. */
  async endUser(uid: string, except: SessionRef | undefined, reason: string): Promise<number> {
    const now = this.#settings.clock.now();
    const ids = await this.#store.deleteOfUser(uid, except?.id);
    await this.#announceUser(uid, except?.lineage, reason, now);
    return ids.length;
  }

  /** Ends all sessions of a user but one, which other requests may be rotating, so that no id tells it from the others. Gives how many. */
  async endOthers(uid: string, lineage: string, reason: string): Promise<number> {
    const { clock } = this.#settings;
    const now = clock.now();
    const ended = await deleteSome(this.#store, clock, uid, (records) => {
      return records.filter((record) => record.lineage !== lineage);
    });
    await this.#announceUser(uid, lineage, reason, now);
    return new Set(ended.map((record) => record.lineage)).size;
  }

  /** Ends everyone's. Gives how many, where that is known. */
  async endEveryone(reason: string): Promise<number | undefined> {
    const now = this.#settings.clock.now();
    const count = this.#store.canDeleteAll ? await this.#store.deleteAll() : undefined;
    this.#events.emit('ended', { reason });
    await this.#tell([this.#entries.ofEveryone(reason, now)], now);
    return count;
  }

  /** Tells of a session that has just been ended in the store: listeners, and the revocation list. */
  async announce({ id, lineage, uid }: SessionRecord, reason: string): Promise<void> {
    const now = this.#settings.clock.now();
    this.#events.emit('ended', { id, lineage, uid: uid ?? undefined, reason });
    await this.#tell([this.#entries.ofSession({ lineage, life: undefined }, reason, now)], now);
  }

  /** Tells the revocation list of a session to which no trace leads in the store: it may live on under an id that only its client can tell. */
  async announceNames(id: string, lineage: string, reason: string): Promise<void> {
    const now = this.#settings.clock.now();
    await this.#tell(this.#entries.ofNames(id, lineage, reason, now), now);
  }

  /** Tells that another session took the place of this one: its streams end. The store has said so already, so no request waits for it. */
  supersede(lineage: string): void {
    const now = this.#settings.clock.now();
    this.#tell([this.#entries.ofSession({ lineage, life: undefined }, SUPERSEDED, now)], now).catch(() => undefined);
  }

  async #announceUser(uid: string, except: string | undefined, reason: string, now: number): Promise<void> {
    this.#events.emit('ended', { uid, reason });
    const lineages = except === undefined ? [] : [except];
    await this.#tell([this.#entries.ofUser(uid, lineages, reason, now)], now);
  }

  async #tell(entries: readonly NewRevocation[], now: number): Promise<void> {
    await this.#settings.revocations?.add(entries, now);
  }
}
