import type { Swept } from '../../ports/store.js';
import { asSwept, type Row } from '../shared/rows.js';

/** The maximum number of rows per statement: a small part of any deadline. */
const BATCH = 500;
/** The minimum number of rows per statement, so that it is not one row each when little of `limit` is left. */
const FEWEST = 100;
/** Rows between two marks. It limits how many dead index entries one statement passes over. */
const MARKED = 10_000;
/** ms after which a failed statement probably had too many dead index entries to pass over. */
const SLOW = 500;
/** ms below which a stretch no longer needs a cut of its own. It is so short that all of them together are short, too. */
const QUICK = 5;
/** The number of parts that a stretch is cut into after such a failure. */
const PARTS = 16;
/** The maximum number of cuts after such failures: more failures have another cause. */
const MOST_CUTS = 200;
/** No row is due before this time. */
const BEGINNING = 0;

/** The parameters of one statement. */
export interface Step {
  /** The number of rows to take, in the order of due_at. Rows that have not expired get a later due_at. */
  readonly rows: number;
  /** The maximum number of expired rows to remove. */
  readonly most: number;
  /** Takes rows whose due_at is this time or later. */
  readonly from: number;
  /** Takes rows whose due_at is this time or earlier. */
  readonly to: number;
}

/** Runs a step. Returns a row for each removed row, and one with `taken`, the number of rows taken, and `next`, from when on more may be due. */
export type RunStep = (step: Step) => Promise<readonly Row[]>;

/**
 * Searches the due rows like the hand of a clock. A call starts where the last one stopped, continues to the end, and then searches from the
 * beginning to where it started. So a call that finds fewer than `limit` rows has searched everything, and a failed call loses no progress.
 *
 * Until VACUUM, the index keeps a dead entry for each row that was removed or moved, and every search passes over those in its way. If each call
 * started at the beginning, the total time would be quadratic. The second half of the circle must pass over them once; the marks divide it
 * into short statements. A new process has no marks. When it meets more dead entries than fit in the deadline, the statement fails, and the next
 * call searches that stretch in parts.
 */
export class Sweeping {
  #hand = BEGINNING;
  #marks: number[] = [];
  /** The marks of the previous circle, whose dead entries no search has passed over yet. */
  #earlier: readonly number[] = [];
  #unmarked = 0;
  readonly #cuts = new Set<number>();

  /** @throws what `run` throws */
  async sweep(now: number, limit: number, run: RunStep): Promise<readonly Swept[]> {
    const swept: Swept[] = [];
    for (const stretch of this.#circle(now)) {
      let isQuick = true;
      for (let { from } = stretch, isDone = false; !isDone; ) {
        const most = limit - swept.length;
        const rows = Math.min(BATCH, Math.max(FEWEST, most));
        const step = { rows, most: Math.min(rows, most), from, to: stretch.to };
        const start = performance.now();
        const found = await run(step).catch((error: unknown) => {
          if (performance.now() - start >= SLOW) this.#cut(step);
          throw error;
        });
        isQuick &&= performance.now() - start < QUICK;
        const total = found.find((row) => row['id'] === null);
        const taken = Number(total?.['taken']);
        for (const row of found) if (row['id'] !== null) swept.push(asSwept(row));
        if (taken > 0) from = this.#advance(Number(total?.['next']), taken);
        if (swept.length >= limit) return swept;
        isDone = taken < rows;
      }
      if (isQuick) this.#cuts.delete(stretch.from);
    }
    this.#hand = BEGINNING;
    this.#earlier = this.#marks;
    this.#marks = [];
    this.#unmarked = 0;
    return swept;
  }

  /** The stretches from the hand to `now`, then from the beginning to the hand, divided at the marks. */
  #circle(now: number): readonly Pick<Step, 'from' | 'to'>[] {
    const cuts = [...new Set([BEGINNING, ...this.#earlier, ...this.#marks, ...this.#cuts, this.#hand])]
      .filter((cut) => cut <= now)
      .sort((a, b) => a - b);
    const stretches = cuts.map((from, at) => ({ from, to: cuts[at + 1] ?? now }));
    const first = Math.max(0, cuts.indexOf(this.#hand));
    return [...stretches.slice(first), ...stretches.slice(0, first)];
  }

  /** Divides a stretch: the first one, which begins at time 0, by halving what is left of it, because most rows are recent; others evenly. */
  #cut({ from, to }: Step): void {
    const width = to - from;
    const parts =
      from === BEGINNING
        ? Array.from({ length: 40 }, (_, index) => width / 2 ** (index + 1))
        : Array.from({ length: PARTS - 1 }, (_, index) => (width * (index + 1)) / PARTS);
    for (const part of parts) if (part >= 1 && this.#cuts.size < MOST_CUTS) this.#cuts.add(Math.ceil(to - part));
  }

  /** Moves the hand to the due_at of the last row, not beyond: more rows may have the same. */
  #advance(next: number, taken: number): number {
    this.#hand = next;
    this.#unmarked += taken;
    if (this.#unmarked >= MARKED) {
      this.#marks.push(next);
      this.#unmarked = 0;
    }
    return next;
  }
}
