import { StoreFull } from '../../errors.js';
import { glanceAt, sweepTable } from './sweep.js';
import type { Table } from './table.js';

/**
 * Looked at before something is dropped that has not expired; a store with no more than these drops what has expired
 * first.
 */
const GLANCE = 256;
/**
 * ms during which a search through everything that found nothing is not begun again: a full store must not be kept busy
 * by it.
 */
const SEARCH_PAUSE = 1_000;

/** Keeps a table within its limit. */
export class Room {
  readonly #table: Table;
  readonly #limit: number;
  #searching: Promise<void> | undefined;
  #searched: number = Number.NEGATIVE_INFINITY;

  constructor(table: Table, limit: number) {
    this.#table = table;
    this.#limit = limit;
  }

  /** Whether one more fits, if need be after something was dropped. */
  make(now: number): boolean {
    const table = this.#table;
    if (table.size < this.#limit) return true;
    glanceAt(table, now, GLANCE);
    while (table.size >= this.#limit) {
      const entry = table.mostDispensable;
      if (entry === undefined) return false;
      table.remove(entry);
    }
    return true;
  }

  /** Drops everything that has expired. @throws StoreFull when that was tried just now */
  search(now: number): Promise<void> {
    if (this.#searching !== undefined) return this.#searching;
    if (Math.abs(now - this.#searched) < SEARCH_PAUSE) return Promise.reject(new StoreFull(this.#limit));
    this.#searched = now;
    this.#searching = sweepTable(this.#table, now, Number.POSITIVE_INFINITY).then(() => {
      this.#searching = undefined;
    });
    return this.#searching;
  }
}
