import type { Retired, SessionRecord } from '../../ports/store.js';
import { type Entry, SessionEntry, TombstoneEntry } from './entry.js';
import { Queue } from './queue.js';
import { ShardedMap } from './sharded-map.js';
import { UserIndex } from './user-index.js';

/** ms after a rotation for which its tombstone leads requests on their way to the session. */
const TOMBSTONE_NEEDED = 60_000;

/** All entries by id, sessions by user too, and those that may make room in the order of their coming. */
export class Table {
  readonly #entries = new ShardedMap<Entry>();
  readonly #users = new UserIndex();
  readonly #anonymous = new Queue<SessionEntry>();
  readonly #tombstones = new Queue<TombstoneEntry>();
  #sessions = 0;

  /** Sessions and tombstones. */
  get size(): number {
    return this.#entries.size;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /**
   * What is least of a loss: a tombstone that no request under way can need any more, or else the anonymous session that has been there
   * longest, or else the oldest tombstone.
   */
  mostDispensable(now: number): Entry | undefined {
    const oldest = this.#tombstones.first;
    const isNeeded = oldest !== undefined && now - oldest.tombstone.retired.at < TOMBSTONE_NEEDED;
    return isNeeded ? (this.#anonymous.first ?? oldest) : (oldest ?? this.#anonymous.first);
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  session(id: string): SessionEntry | undefined {
    const entry = this.#entries.get(id);
    return entry instanceof SessionEntry ? entry : undefined;
  }

  ofUser(uid: string): SessionEntry[] {
    return this.#users.of(uid);
  }

  /** See {@link ShardedMap.goRound}. */
  goRound(): Iterable<Entry> {
    return this.#entries.goRound();
  }

  add(record: SessionRecord): void {
    const entry = new SessionEntry(record);
    this.#entries.set(entry.id, entry);
    this.#sessions += 1;
    this.#noteUser(entry);
  }

  update(entry: SessionEntry, record: SessionRecord): void {
    entry.replaceBy(record);
    if (entry.uid === record.uid) return;
    this.#forgetUser(entry);
    entry.uid = record.uid;
    this.#noteUser(entry);
  }

  retire(entry: SessionEntry, tombstone: Retired): void {
    this.#forgetUser(entry);
    this.#sessions -= 1;
    const retired = new TombstoneEntry(tombstone);
    this.#entries.set(entry.id, retired);
    this.#tombstones.add(retired);
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.id);
    if (entry instanceof SessionEntry) {
      this.#sessions -= 1;
      this.#forgetUser(entry);
    } else {
      this.#tombstones.remove(entry);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#users.clear();
    this.#anonymous.clear();
    this.#tombstones.clear();
    this.#sessions = 0;
  }

  #noteUser(entry: SessionEntry): void {
    if (entry.uid === null) this.#anonymous.add(entry);
    else this.#users.add(entry.uid, entry);
  }

  #forgetUser(entry: SessionEntry): void {
    if (entry.uid === null) this.#anonymous.remove(entry);
    else this.#users.remove(entry.uid, entry);
  }
}
