import type { Swept } from '../../ports/store.js';
import { asSwept, type Row } from '../shared/rows.js';

/** Rows that one statement takes at most: a small part of any deadline. */
const BATCH = 500;
/** Rows that it takes at least, so that rows to put off do not cost a statement each where little of `limit` is left. */
const FEWEST = 100;
/** Rows taken between two marks: what a search passes over in vain in one statement. */
const MARKED = 10_000;
/** ms after which a statement that failed may have had too many entries to pass over. */
const SLOW = 500;
/** Cuts after such failures: beyond that, they have another cause. */
const MOST_CUTS = 200;
/** No row is due earlier. */
const BEGINNING = 0;

/** What one statement does. */
export interface Step {
  /** How many rows to take, in the order in which they are due. Those that have not expired are put off. */
  readonly rows: number;
  /** How many expired ones to remove. */
  readonly most: number;
  /** Takes rows that are due from this instant on. */
  readonly from: number;
  /** Takes rows that are due up to this instant. */
  readonly to: number;
}

/** Runs a step. Returns a row for each one removed, and one with `taken`, the number of rows taken, and `next`, the instant from which on more may be due. */
export type RunStep = (step: Step) => Promise<readonly Row[]>;

/**
 * Goes through what is due like the hand of a clock. A call begins where the last one stopped, continues to the end, and then searches from the
 * beginning to where it began. So a call that finds fewer than `limit` has searched everything, and progress survives a call that fails.
 *
 * The index keeps an entry of each row that was removed or put off until VACUUM, and every search passes over the entries in its way. If each call began
 * at the beginning, the time of all calls would be quadratic. The second half of the circle must pass over them once; the marks divide
 * it into statements that are short, however many there are. A new process has no marks yet: where it meets more entries than fit in the deadline, the
 * statement fails, and the next call searches that stretch in parts.
 */
export class Sweeping {
  #hand = BEGINNING;
  #marks: number[] = [];
  /** Marks of the circle before: nothing has passed over the entries of what it put off. */
  #earlier: readonly number[] = [];
  #unmarked = 0;
  readonly #cuts = new Set<number>();

  /** @throws what `run` throws */
  async sweep(now: number, limit: number, run: RunStep): Promise<readonly Swept[]> {
    const swept: Swept[] = [];
    for (const stretch of this.#circle(now)) {
      for (let { from } = stretch, isDone = false; !isDone; ) {
        const most = limit - swept.length;
        const rows = Math.min(BATCH, Math.max(FEWEST, most));
        const step = { rows, most: Math.min(rows, most), from, to: stretch.to };
        const start = performance.now();
        const found = await run(step).catch((error: unknown) => {
          if (performance.now() - start >= SLOW) this.#cut(step);
          throw error;
        });
        const total = found.find((row) => row['id'] === null);
        const taken = Number(total?.['taken']);
        for (const row of found) if (row['id'] !== null) swept.push(asSwept(row));
        if (taken > 0) from = this.#advance(Number(total?.['next']), taken);
        if (swept.length >= limit) return swept;
        isDone = taken < rows;
      }
    }
    this.#hand = BEGINNING;
    this.#earlier = this.#marks;
    this.#marks = [];
    this.#unmarked = 0;
    return swept;
  }

  /** From the hand to `now`, and from the beginning to the hand, cut at the marks. */
  #circle(now: number): readonly Pick<Step, 'from' | 'to'>[] {
    const cuts = [...new Set([BEGINNING, ...this.#earlier, ...this.#marks, ...this.#cuts, this.#hand])]
      .filter((cut) => cut <= now)
      .sort((a, b) => a - b);
    const stretches = cuts.map((from, at) => ({ from, to: cuts[at + 1] ?? now }));
    const first = Math.max(0, cuts.indexOf(this.#hand));
    return [...stretches.slice(first), ...stretches.slice(0, first)];
  }

  /** Halves a stretch, and its later half, and so on: how the entries lie in it is not known, and most of them are recent. */
  #cut({ from, to }: Step): void {
    for (let width = (to - from) / 2; width >= 1 && this.#cuts.size < MOST_CUTS; width /= 2) {
      this.#cuts.add(Math.ceil(to - width));
    }
  }

  /** More rows may be due at the instant at which the last one taken was due. */
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
