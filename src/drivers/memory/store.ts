import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import { warnInWorker } from '../../lib/cluster-worker.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import { Slices } from '../shared/slices.js';
import { SessionEntry } from './entry.js';
import { Eviction } from './eviction.js';
import { type MemoryStoreOptions, readMemoryStoreOptions } from './options.js';
import { sweepTable } from './sweep.js';
import { Table } from './table.js';

/** The number of a user's sessions that are listed or ended between two checks of the time. */
const BATCH = 64;

/**
 * Stores sessions in the memory of this process. They are lost when it exits, and other processes do not see them. For services of one process,
 * development and tests.
 *
 * `sweep` removes expired sessions; a ServerSessionStorage calls it regularly. All operations on many sessions together take at most about 1 ms
 * of each turn of the event loop.
 */
export class MemoryStore implements Store {
  readonly reach = 'process';
  readonly #table = new Table();
  readonly #slices = new Slices();
  readonly #eviction: Eviction;
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: MemoryStoreOptions = {}) {
    const { maxSessions = Number.POSITIVE_INFINITY } = readMemoryStoreOptions(options);
    warnInWorker(
      'a MemoryStore keeps sessions',
      'use SqliteStore, RedisStore or PostgresStore, or users are signed out depending on the worker',
    );
    this.#eviction = new Eviction(this.#table, this.#slices, maxSessions);
  }

  /** See the port. @throws StoreFull when there are `maxSessions` and none of them may be evicted */
  async create(record: SessionRecord, replaces?: string): Promise<void> {
    this.#checkFree(record.id);
    // A new session was accessed just now, so lastAccess is the current time.
    if (!this.#eviction.makeRoom(record.lastAccess, replaces)) {
      await this.#eviction.search(record.lastAccess);
      return this.create(record, replaces);
    }
    this.#table.add(record, replaces);
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const entry = this.#open().get(id);
    if (entry === undefined || hasExpired(entry, now)) return undefined;
    return entry instanceof SessionEntry ? entry.copy() : entry.tombstone;
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    const entry = this.#open().session(record.id);
    if (entry === undefined) return 'gone';
    if (entry.version !== record.version) return 'conflict';
    this.#table.update(entry, record);
    return 'ok';
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    const entry = this.#open().session(id);
    if (entry === undefined) return false;
    if (lastAccess > entry.lastAccess) {
      entry.lastAccess = lastAccess;
      entry.expiresAt = expiresAt;
    }
    return true;
  }

  async retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    const entry = this.#open().session(id);
    if (entry === undefined) return 'gone';
    if (expectedVersion !== null && entry.version !== expectedVersion) return 'conflict';
    this.#table.retire(entry, tombstone);
    this.#eviction.tidy(tombstone.retired.at);
    return 'ok';
  }

  async delete(id: string): Promise<boolean> {
    const entry = this.#open().get(id);
    if (entry === undefined) return false;
    this.#table.remove(entry);
    return entry instanceof SessionEntry;
  }

  async ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    const { users } = this.#open();
    // Listed in one step, so that a session that is rotated while others are copied is not missed.
    const entries = lineage === undefined ? users.some(uid) : users.ofLineage(uid, lineage);
    const records: SessionRecord[] = [];
    for (let start = 0; start < entries.length; start += BATCH) {
      if (start > 0 && this.#slices.spend(BATCH)) await this.#slices.next();
      for (const entry of entries.slice(start, start + BATCH)) {
        const isMeant = entry.uid === uid && (lineage === undefined || entry.lineage === lineage);
        if (isMeant && !hasExpired(entry, now)) records.push(entry.copy());
      }
    }
    return records;
  }

  async deleteOfUser(
    uid: string,
    except?: string,
    { limit = Number.POSITIVE_INFINITY, tombstone }: EndOfUser = {},
  ): Promise<readonly string[]> {
    const spared = this.#lineagesOf(uid, except);
    const ids: string[] = [];
    while (ids.length < limit) {
      const most = Math.min(limit - ids.length, BATCH);
      const entries = this.#open().users.some(uid, most, spared);
      for (const entry of entries) {
        if (tombstone === undefined) this.#table.remove(entry);
        else this.#table.retire(entry, { id: entry.id, ...tombstone });
        ids.push(entry.id);
      }
      if (tombstone !== undefined) this.#eviction.tidy(tombstone.retired.at);
      if (entries.length < most) break;
      if (this.#slices.spend(most)) await this.#slices.next();
    }
    return ids;
  }

  async sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return sweepTable(this.#open(), this.#slices, now, limit);
  }

  async deleteAll(): Promise<number> {
    const table = this.#open();
    const { sessions } = table;
    table.clear();
    return sessions;
  }

  /** Removes everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#table.clear();
  }

  /** The lineages that `except` may name: itself, and that of the session with this id. */
  #lineagesOf(uid: string, name: string | undefined): readonly string[] {
    if (name === undefined) return [];
    const entry = this.#open().session(name);
    return entry?.uid === uid ? [name, entry.lineage] : [name];
  }

  #checkFree(id: string): void {
    if (this.#open().get(id) !== undefined) throw new SessionAlreadyExists();
  }

  #open(): Table {
    if (this.#isClosed) throw new StoreUnavailable('the MemoryStore was closed');
    return this.#table;
  }
}
