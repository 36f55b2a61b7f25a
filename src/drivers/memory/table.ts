import type { Retired, SessionRecord } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import { type Entry, SessionEntry, TombstoneEntry } from './entry.js';
import { Queue } from './queue.js';
import { Rotations } from './rotations.js';
import { ShardedMap } from './sharded-map.js';
import { UserIndex } from './user-index.js';

/** ms for which requests that are under way may still need a tombstone, so that they do not start a new session. */
const TOMBSTONE_NEEDED = 60_000;

/** All entries by id, the sessions of users by uid, and the entries that may be evicted in the order of insertion. */
export class Table {
  #entries = new ShardedMap<Entry>();
  #users = new UserIndex();
  #anonymous = new Queue<SessionEntry>();
  #tombstones = new Queue<TombstoneEntry>();
  #rotations = new Rotations();
  #sessions = 0;

  /** The number of sessions and tombstones. A session and its replacement during a rotation count as one. */
  get size(): number {
    return this.#entries.size - this.#rotations.size;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /**
   * The entry to evict first: a tombstone that no request under way can need, or else the oldest anonymous session, or else the oldest tombstone.
   * Never an entry that is being rotated.
   */
  mostDispensable(now: number): Entry | undefined {
    const oldest = this.#firstSettled(this.#tombstones);
    const isOld =
      oldest !== undefined && (now - oldest.tombstone.retired.at >= TOMBSTONE_NEEDED || hasExpired(oldest, now));
    return isOld ? oldest : (this.#firstSettled(this.#anonymous) ?? oldest);
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  session(id: string): SessionEntry | undefined {
    const entry = this.#entries.get(id);
    return entry instanceof SessionEntry ? entry : undefined;
  }

  /** The sessions of users, for lookups. */
  get users(): Pick<UserIndex, 'some' | 'ofLineage'> {
    return this.#users;
  }

  /** See {@link ShardedMap.goRound}. Ends when the table is cleared. */
  *goRound(): Generator<Entry> {
    const entries = this.#entries;
    for (const entry of entries.goRound()) {
      if (entries !== this.#entries) return;
      yield entry;
    }
  }

  add(record: SessionRecord, replaces: string | undefined): void {
    const entry = new SessionEntry(record);
    if (replaces !== undefined && this.#entries.get(replaces) !== undefined) this.#rotations.begin(entry.id, replaces);
    this.#entries.set(entry.id, entry);
    this.#sessions += 1;
    this.#noteUser(entry);
  }

  update(entry: SessionEntry, record: SessionRecord): void {
    const { uid, lineage } = entry;
    const isMoved = uid !== record.uid || (uid !== null && lineage !== record.lineage);
    if (isMoved) this.#forgetUser(entry);
    entry.replaceBy(record);
    if (isMoved) this.#noteUser(entry);
  }

  retire(entry: SessionEntry, tombstone: Retired): void {
    this.#forgetUser(entry);
    this.#sessions -= 1;
    const retired = new TombstoneEntry(tombstone);
    this.#entries.set(entry.id, retired);
    this.#tombstones.add(retired);
    this.#rotations.finish(entry.id, tombstone.retired.successor);
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#rotations.forget(entry.id);
    if (entry instanceof SessionEntry) {
      this.#sessions -= 1;
      this.#forgetUser(entry);
    } else {
      this.#tombstones.remove(entry);
    }
  }

  /** Replaces all collections by empty ones: emptying them would take time in proportion to their size. */
  clear(): void {
    this.#entries = new ShardedMap();
    this.#users = new UserIndex();
    this.#anonymous = new Queue();
    this.#tombstones = new Queue();
    this.#rotations = new Rotations();
    this.#sessions = 0;
  }

  /** Few entries are being rotated at any time, so few are skipped. */
  #firstSettled<Item extends Entry & { readonly later: Item | undefined }>(queue: {
    readonly first: Item | undefined;
  }): Item | undefined {
    let item = queue.first;
    while (item !== undefined && this.#rotations.isReplaced(item.id)) item = item.later;
    return item;
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
