import type { SessionEntry } from './entry.js';
import { ShardedMap } from './sharded-map.js';

/**
 * The sessions of a user. Those of one lineage are a linked list, represented by its first entry; several lineages are a Map of such lists. Most
 * users have one session, and a Map for each would take 200 bytes.
 */
type Known = SessionEntry | Map<string, SessionEntry>;

/** Finds the sessions of a user. */
export class UserIndex {
  readonly #users: ShardedMap<Known>;

  constructor(users: ShardedMap<Known> = new ShardedMap()) {
    this.#users = users;
  }

  add(uid: string, entry: SessionEntry): void {
    const known = this.#users.get(uid);
    if (known instanceof Map) {
      putBefore(known.get(entry.lineage), entry);
      known.set(entry.lineage, entry);
    } else if (known === undefined || known.lineage === entry.lineage) {
      putBefore(known, entry);
      this.#users.set(uid, entry);
    } else {
      const both = [known, entry].map((one): [string, SessionEntry] => [one.lineage, one]);
      this.#users.set(uid, new Map(both));
    }
  }

  /** Removes an entry that was added. Its uid and lineage must not have changed since. */
  remove(uid: string, entry: SessionEntry): void {
    const { earlier, later, lineage } = entry;
    entry.earlier = undefined;
    entry.later = undefined;
    if (later !== undefined) later.earlier = earlier;
    if (earlier !== undefined) {
      earlier.later = later;
      return;
    }
    const known = this.#users.get(uid);
    if (!(known instanceof Map)) {
      if (later === undefined) this.#users.delete(uid);
      else this.#users.set(uid, later);
    } else if (later !== undefined) {
      known.set(lineage, later);
    } else {
      known.delete(lineage);
      if (known.size === 1) for (const last of known.values()) this.#users.set(uid, last);
    }
  }

  /** A new list of up to `most` sessions of a user whose lineage is not in `spared`. */
  some(uid: string, most: number = Number.POSITIVE_INFINITY, spared: readonly string[] = []): SessionEntry[] {
    const found: SessionEntry[] = [];
    const known = this.#users.get(uid);
    const chains = known instanceof Map ? known.values() : known === undefined ? [] : [known];
    for (const first of chains) {
      if (found.length >= most) break;
      if (!spared.includes(first.lineage)) follow(first, most, found);
    }
    return found;
  }

  /** The sessions of a user that have this lineage. */
  ofLineage(uid: string, lineage: string): SessionEntry[] {
    const known = this.#users.get(uid);
    const first = known instanceof Map ? known.get(lineage) : known?.lineage === lineage ? known : undefined;
    return first === undefined ? [] : follow(first, Number.POSITIVE_INFINITY, []);
  }
}

function putBefore(first: SessionEntry | undefined, entry: SessionEntry): void {
  entry.later = first;
  if (first !== undefined) first.earlier = entry;
}

function follow(first: SessionEntry, most: number, found: SessionEntry[]): SessionEntry[] {
  for (let one: SessionEntry | undefined = first; one !== undefined && found.length < most; one = one.later) {
    found.push(one);
  }
  return found;
}
