import type { Retired, SessionRecord } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import { type Entry, SessionEntry, TombstoneEntry } from './entry.js';
import { Queue } from './queue.js';
import { Rotations } from './rotations.js';
import { ShardedMap } from './sharded-map.js';
import { UserIndex } from './user-index.js';

/** ms for which a tombstone keeps requests on their way from beginning a session in the place of the one that ended. */
const TOMBSTONE_NEEDED = 60_000;

/** All entries by id, sessions by user too, and those that may make room in the order of their coming. */
export class Table {
  #entries = new ShardedMap<Entry>();
  #users = new UserIndex();
  #anonymous = new Queue<SessionEntry>();
  #tombstones = new Queue<TombstoneEntry>();
  #rotations = new Rotations();
  #sessions = 0;

  /** Sessions and tombstones, where a session and the one that is about to replace it count as one. */
  get size(): number {
    return this.#entries.size - this.#rotations.size;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /**
   * What is least of a loss: a tombstone that no request on its way can need any more, or else the anonymous session that has been there
   * longest, or else the oldest tombstone. Nothing that is about to be replaced.
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

  /** A user's sessions, to be looked up. */
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

  /** Begins anew: emptying what there is would take the longer, the more there is. */
  clear(): void {
    this.#entries = new ShardedMap();
    this.#users = new UserIndex();
    this.#anonymous = new Queue();
    this.#tombstones = new Queue();
    this.#rotations = new Rotations();
    this.#sessions = 0;
  }

  /** Few are about to be replaced at any time, so few are passed over. */
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
