import type { Swept } from '../../ports/store.js';
import type { PostgresRow } from './pool.js';
import { asSwept } from './rows.js';

/** Rows that one statement looks at: a small part of any deadline. */
const BATCH = 500;
/** Earlier than any instant at which a row is due. */
const BEGINNING = -1;

/** Removes or puts off up to `limit` rows that are due later than `after`; gives those removed, and in one more row how many it looked at, up to which instant. */
export type SweepSome = (limit: number, after: number) => Promise<readonly PostgresRow[]>;

/**
 * Goes through what is due in its order. Each batch begins where the last one ended, also that of the call before: PostgreSQL would pass over the index
 * entries of all that was removed otherwise, again at each batch.
 */
export class Sweeping {
  #after: number = BEGINNING;

  async sweep(some: SweepSome, limit: number): Promise<readonly Swept[]> {
    const swept: Swept[] = [];
    while (swept.length < limit) {
      const most = Math.min(BATCH, limit - swept.length);
      const start = this.#after;
      const rows = await some(most, start);
      for (const row of rows) if (row['id'] !== null) swept.push(asSwept(row));
      const total = rows.at(-1);
      const isEnd = Number(total?.['looked_at']) < most;
      // More rows may be due at the last instant. What others had locked, or has come to be due before, is looked for at the end.
      this.#after = isEnd ? BEGINNING : Number(total?.['last_due']) - 1;
      if (isEnd && start === BEGINNING) break;
    }
    return swept;
  }
}
