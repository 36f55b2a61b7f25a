/**
 * What follows the prefix. The letter before the epoch keeps stores apart of which one's prefix is the other's and a number: `tenant1` must not take the keys
 * of `tenant12` for its own.
 */
const KEY = /^e(\d+\.[\w-]{16}):(?:[\w-]{1,64}|user:[^:]+|lineage:[\w-]{1,64})$/;

/** The names of all keys of one epoch. No two are alike: ids have no ':', and the epoch ends before the first. */
export class Keys {
  readonly epoch: string;
  readonly #start: string;

  constructor(prefix: string, epoch: string) {
    this.epoch = epoch;
    this.#start = `${prefix}e${epoch}:`;
  }

  /** What is there for an id: a string. */
  session(id: string): string {
    return this.#start + id;
  }

  /** The ids of a user's sessions: a sorted set. `uid`: as `uidText` gives it. */
  user(uid: string): string {
    return `${this.#start}user:${uid}`;
  }

  /** The ids of a lineage's sessions that have another id than the lineage: a sorted set. */
  lineage(lineage: string): string {
    return `${this.#start}lineage:${lineage}`;
  }
}

/** The epoch of a key of this store; undefined for any other key. */
export function epochOf(prefix: string, key: string): string | undefined {
  return key.startsWith(prefix) ? KEY.exec(key.slice(prefix.length))?.[1] : undefined;
}
