/**
 * What follows the prefix. The letter separates the prefix from the epoch's number. Without it, the keys of a store with the prefix `tenant12` would look like
 * keys of the prefix `tenant1`.
 */
const KEY = /^e(\d+\.[\w-]{16}):(?:[\w-]{1,64}|user:[^:]+|lineage:[\w-]{1,64})$/;

/** The names of the keys of one epoch. They cannot collide, because ids contain no ':'. */
export class Keys {
  readonly epoch: string;
  readonly #start: string;

  constructor(prefix: string, epoch: string) {
    this.epoch = epoch;
    this.#start = `${prefix}e${epoch}:`;
  }

  /** The key of an entry: a string. */
  session(id: string): string {
    return this.#start + id;
  }

  /** The key of the ids of a user's sessions: a sorted set. `uid`: from `uidText`. */
  user(uid: string): string {
    return `${this.#start}user:${uid}`;
  }

  /** The key of the ids of a lineage, except the id that equals the lineage: a sorted set. */
  lineage(lineage: string): string {
    return `${this.#start}lineage:${lineage}`;
  }
}

/** The epoch of a key of this store; undefined for any other key. */
export function epochOf(prefix: string, key: string): string | undefined {
  return key.startsWith(prefix) ? KEY.exec(key.slice(prefix.length))?.[1] : undefined;
}
