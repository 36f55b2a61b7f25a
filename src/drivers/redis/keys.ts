/** The names of all keys of one epoch. No two are alike: ids have no ':', and the one that tells the epoch ends before it. */
export class Keys {
  readonly epoch: string;
  readonly #start: string;

  constructor(prefix: string, epoch: string) {
    this.epoch = epoch;
    this.#start = `${prefix}${epoch}:`;
  }

  /** What is there for an id: a string. */
  session(id: string): string {
    return this.#start + id;
  }

  /** The ids of a user's sessions: a sorted set. `uid`: as `uidText` gives it. */
  user(uid: string): string {
    return `${this.#start}user:${uid}`;
  }
}

/** Whether it may be in a key. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

/** Whether anyone can be called so. */
export function isUid(uid: string): boolean {
  return uid !== '' && uid.isWellFormed();
}
