import { StoreFull } from '../../errors.js';
import { hasExpired } from '../shared/expiry.js';
import type { Slices } from '../shared/slices.js';
import type { Entry } from './entry.js';
import { sweepTable } from './sweep.js';
import type { Table } from './table.js';

/** How many are looked at before one is dropped that has not expired: in a store with fewer, all of them. */
const LOOKS = 64;
/** ms from one search through everything to the next: a full store is not to be kept busy by them. */
const SEARCH_PAUSE = 10_000;

/** Keeps a table within its limit. */
export class Eviction {
  readonly #table: Table;
  readonly #slices: Slices;
  readonly #limit: number;
  /** Goes on at each look, but not while there is room: a position in a Map holds on to every older state of it. */
  #walk: Iterator<Entry> | undefined;
  #searching: Promise<void> | undefined;
  #searched: number = Number.NEGATIVE_INFINITY;

  constructor(table: Table, slices: Slices, limit: number) {
    this.#table = table;
    this.#slices = slices;
    this.#limit = limit;
  }

  /** Whether one more fits, if need be after something was dropped. */
  makeRoom(now: number, replaces: string | undefined): boolean {
    if (replaces === undefined) return this.#shrink(now, this.#limit - 1);
    // It takes the room of the other, and without that one it is of no use, so that nothing is dropped for it.
    return this.#table.get(replaces) !== undefined || this.#shrinkByExpired(now, this.#limit - 1);
  }

  /** Drops what is too much after a rotation has left a tombstone. */
  tidy(now: number): void {
    this.#shrink(now, this.#limit);
  }

  /** Drops everything that has expired. @throws StoreFull when that was tried just now */
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
