import { z } from 'zod';
import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import type { Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { strictOptions } from '../../session/strict-options.js';
import { hasExpired, SessionEntry } from './entry.js';
import { Room } from './room.js';
import { sweepTable } from './sweep.js';
import { Table } from './table.js';

/** How much a {@link MemoryStore} may hold. */
export interface MemoryStoreOptions {
  /**
   * Sessions and tombstones at most; one takes about 450 bytes besides its data. Default: no limit, so that anyone who
   * can begin sessions can fill the memory. When it is reached, `create` drops what has expired among the next 64 it
   * comes to, then tombstones older than a minute, then sessions of nobody in the order of their coming, then younger
   * tombstones, and rejects with StoreFull when all that is left are sessions of users. What is dropped is told to nobody.
   */
  readonly maxSessions?: number | undefined;
}

const OPTIONS = z.strictObject({ maxSessions: z.number().int().positive().optional() });

/**
 * Sessions in this process's memory: gone when it ends, unknown to every other. For one process, for development and
 * for tests.
 *
 * What has expired is removed by `sweep`, which a ServerSessionStorage does now and then, and which never keeps the loop
 * for longer than a few ms, however many there are.
 */
export class MemoryStore implements Store {
  readonly reach = 'process';
  readonly #table = new Table();
  readonly #room: Room;
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: MemoryStoreOptions = {}) {
    const { maxSessions = Number.POSITIVE_INFINITY } = strictOptions('MemoryStore', OPTIONS, options);
    this.#room = new Room(this.#table, maxSessions);
  }

  /** As in the port. @throws StoreFull when `maxSessions` are there and none of them may be dropped */
  async create(record: SessionRecord): Promise<void> {
    this.#checkFree(record.id);
    // A new session was accessed just now, so it knows the time.
    if (!this.#room.make(record.lastAccess)) {
      await this.#room.search(record.lastAccess);
      return this.create(record);
    }
    this.#table.add(record);
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
    return 'ok';
  }

  async delete(id: string): Promise<boolean> {
    const entry = this.#open().get(id);
    if (entry === undefined) return false;
    this.#table.remove(entry);
    return entry instanceof SessionEntry;
  }

  async ofUser(uid: string, now: number): Promise<readonly SessionRecord[]> {
    const entries = this.#open().ofUser(uid);
    return entries.filter((entry) => !hasExpired(entry, now)).map((entry) => entry.copy());
  }

  async deleteOfUser(uid: string, exceptId?: string): Promise<readonly string[]> {
    const table = this.#open();
    const spared = exceptId === undefined ? undefined : table.session(exceptId)?.lineage;
    const ended = table.ofUser(uid).filter((entry) => entry.lineage !== spared);
    for (const entry of ended) table.remove(entry);
    return ended.map((entry) => entry.id);
  }

  async sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return sweepTable(this.#open(), now, limit);
  }

  async deleteAll(): Promise<number> {
    const table = this.#open();
    const { sessions } = table;
    table.clear();
    return sessions;
  }

  /** Forgets everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#table.clear();
  }

  #checkFree(id: string): void {
    if (this.#open().get(id) !== undefined) throw new SessionAlreadyExists();
  }

  #open(): Table {
    if (this.#isClosed) throw new StoreUnavailable('the MemoryStore was closed');
    return this.#table;
  }
}
