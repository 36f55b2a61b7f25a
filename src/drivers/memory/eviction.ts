import { StoreFull } from '../../errors.js';
import { hasExpired } from '../shared/expiry.js';
import type { Slices } from '../shared/slices.js';
import type { Entry } from './entry.js';
import { sweepTable } from './sweep.js';
import type { Table } from './table.js';

/** The number of entries that are checked for expiry before one that has not expired is evicted. */
const LOOKS = 64;
/** The minimum ms between two searches through all entries, which would keep a full store busy. */
const SEARCH_PAUSE = 10_000;

/** Keeps a table within its limit, in the order that `MemoryStoreOptions.maxSessions` describes. */
export class Eviction {
  readonly #table: Table;
  readonly #slices: Slices;
  readonly #limit: number;
  /** The position of the checks. Dropped while there is room, because a position in a Map keeps every older state of the Map in memory. */
  #walk: Iterator<Entry> | undefined;
  #searching: Promise<void> | undefined;
  #searched: number = Number.NEGATIVE_INFINITY;

  constructor(table: Table, slices: Slices, limit: number) {
    this.#table = table;
    this.#slices = slices;
    this.#limit = limit;
  }

  /** Evicts entries until one more fits. Returns false when that is impossible. `replaces`: as in `Store.create`. */
  makeRoom(now: number, replaces: string | undefined): boolean {
    if (replaces === undefined) return this.#shrink(now, this.#limit - 1);
    // The new session takes the place of the old one. Without the old one it is useless, so nothing is evicted for it.
    return this.#table.get(replaces) !== undefined || this.#shrinkByExpired(now, this.#limit - 1);
  }

  /** Evicts what exceeds the limit after a rotation stored a tombstone. */
  tidy(now: number): void {
    this.#shrink(now, this.#limit);
  }

  /** Removes all expired entries. @throws StoreFull when that was tried less than 10 s ago */
  search(now: number): Promise<void> {
    if (this.#searching !== undefined) return this.#searching;
    if (Math.abs(now - this.#searched) < SEARCH_PAUSE) return Promise.reject(new StoreFull(this.#limit));
    this.#searched = now;
    this.#searching = sweepTable(this.#table, this.#slices, now, Number.POSITIVE_INFINITY).then(() => {
      this.#searching = undefined;
    });
    return this.#searching;
  }

  #shrink(now: number, size: number): boolean {
    if (this.#shrinkByExpired(now, size)) return true;
    while (this.#table.size > size) {
      const entry = this.#table.mostDispensable(now);
      if (entry === undefined) return false;
      this.#table.remove(entry);
    }
    return true;
  }

  #shrinkByExpired(now: number, size: number): boolean {
    if (this.#table.size > size) this.#dropExpired(now);
    else this.#walk = undefined;
    return this.#table.size <= size;
  }

  #dropExpired(now: number): void {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      this.#walk ??= this.#table.goRound()[Symbol.iterator]();
      const { done, value: entry } = this.#walk.next();
      if (done === true) this.#walk = undefined;
      else if (hasExpired(entry, now)) this.#table.remove(entry);
    }
  }
}
