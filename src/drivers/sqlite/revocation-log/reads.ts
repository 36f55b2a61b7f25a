import { LogPositionLost } from '../../../errors.js';
import { entriesIn } from '../../shared/log-lines.js';
import { type Batches, LogReads } from '../../shared/log-reads.js';
import { unlessAborted } from '../../shared/unless-aborted.js';
import type { Connection } from '../connection.js';
import { pageOf } from './page.js';
import { checkPlace, headOf, type Place, placeOf, positionOf } from './position.js';
import type { LogStatements } from './statements.js';
import { Wakeups } from './wakeups.js';

/** Entries per page. The event loop is free between two pages. */
const PAGE = 1_000;
/** ms between two empty batches. */
const BEAT = 1_000;
/** The pause between two looks, as share of `pollInterval`. The rest is for the look, and for timers that are late. */
const PAUSE = 0.9;

interface Page {
  readonly log: string;
  /** See `pageOf`. */
  readonly lines: readonly string[];
}

/** All open reads of a log. */
export class Reads {
  readonly #connection: Connection<LogStatements>;
  readonly #check: () => void;
  readonly #pollInterval: number;
  readonly #wakeups = new Wakeups();
  readonly #reads = new LogReads('SqliteRevocationLog');

  /** @param check throws when the log must not be read @param pollInterval ms */
  constructor(connection: Connection<LogStatements>, check: () => void, pollInterval: number) {
    this.#connection = connection;
    this.#check = check;
    this.#pollInterval = pollInterval;
  }

  /** Looks for new entries at once. */
  wake(): void {
    this.#wakeups.wake();
  }

  close(): void {
    this.#reads.close();
  }

  read(after: string | null, signal: AbortSignal): Batches {
    return this.#reads.until(signal, (ending) => this.#batches(after, ending));
  }

  async *#batches(after: string | null, signal: AbortSignal): Batches {
    let place = after === null ? undefined : placeOf(after);
    if (after !== null && place === undefined) throw new LogPositionLost();
    let isCaughtUp = false;
    for (let lastBatch = performance.now(); ; ) {
      const { count } = this.#wakeups;
      const { log, lines } = await unlessAborted(this.#page(place), signal);
      const entries = entriesIn(lines, positionOf(log, ''));
      place = placeOf(entries.at(-1)?.seq ?? '') ?? place ?? { log, seq: 0, mark: 0 };
      const isEnd = entries.length < PAGE;
      const isDue = isEnd && (!isCaughtUp || (entries.length === 0 && performance.now() - lastBatch >= BEAT));
      if (entries.length > 0) yield entries;
      if (isDue && !signal.aborted) yield [];
      if (entries.length > 0 || isDue) lastBatch = performance.now();
      isCaughtUp ||= isEnd;
      if (isEnd) await this.#wakeups.sleep(count, PAUSE * this.#pollInterval, signal);
      if (signal.aborted) return;
    }
  }

  /** @throws LogPositionLost when entries before the place were lost */
  #page(place: Place | undefined): Promise<Page> {
    return this.#connection.read((statements) => {
      this.#check();
      const lines = pageOf(statements, place?.seq ?? 0, PAGE);
      // Looked at afterwards: while it is the same log, no entry was lost before these were read.
      const head = headOf(statements);
      if (place !== undefined) checkPlace(place, head, statements);
      return { log: head.log, lines };
    });
  }
}
