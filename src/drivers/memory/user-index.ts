import type { SessionEntry } from './entry.js';
import { ShardedMap } from './sharded-map.js';

/** Whose sessions are whose. Most users have one, which then stands by itself: a Set for each would cost 200 bytes. */
export class UserIndex {
  readonly #users: ShardedMap<SessionEntry | Set<SessionEntry>>;

  constructor(users: ShardedMap<SessionEntry | Set<SessionEntry>> = new ShardedMap()) {
    this.#users = users;
  }

  add(uid: string, entry: SessionEntry): void {
    const known = this.#users.get(uid);
    if (known === undefined) this.#users.set(uid, entry);
    else if (known instanceof Set) known.add(entry);
    else this.#users.set(uid, new Set([known, entry]));
  }

  remove(uid: string, entry: SessionEntry): void {
    const known = this.#users.get(uid);
    if (known === entry) this.#users.delete(uid);
    if (!(known instanceof Set)) return;
    known.delete(entry);
    if (known.size > 1) return;
    for (const last of known) this.#users.set(uid, last);
  }

  /** A list of its own, which what is done to the sessions does not change. */
  of(uid: string): SessionEntry[] {
    const known = this.#users.get(uid);
    if (known === undefined) return [];
    return known instanceof Set ? [...known] : [known];
  }

  clear(): void {
    this.#users.clear();
  }
}
