import { setImmediate as nextTurn } from 'node:timers/promises';
import { LogPositionLost } from '../../errors.js';
import { entriesIn, nameIn } from './log-lines.js';
import { type LogPosition, positionIn, textOfPosition } from './log-position.js';
import type { Batches } from './log-reads.js';
import type { NewestEntry } from './newest-entry.js';
import { unlessAborted } from './unless-aborted.js';

/** A part of a log. */
export interface LogPage {
  readonly log: string;
  /** The name of the last entry of the log, which may be in a later page; '' when there is none. */
  readonly newest: string;
  /** Its entries; see `entriesIn`. */
  readonly lines: readonly string[];
  /** Whether more entries may follow at once. */
  readonly isFull: boolean;
}

/** Where a log is read from. */
export interface LogSource {
  /**
   * The entries after a position; from the beginning without one. `expected` names entries that the log must still have. Returns undefined when
   * it has not, or is another log.
   */
  page(after: LogPosition | undefined, expected: readonly string[]): Promise<LogPage | undefined>;
  /** Resolves when there may be new entries, and after a few seconds at the latest. */
  changed(): Promise<void>;
}

/**
 * Reads a log as the port says. While the reader works on a page, the next one is already on its way.
 * @throws LogPositionLost, what the source throws, and the reason of `signal` when that aborts what is under way
 */
export async function* followLog(
  source: LogSource,
  start: string | null,
  known: NewestEntry,
  signal: AbortSignal,
): Batches {
  let position = start === null ? undefined : positionIn(start);
  if (start !== null && position === undefined) throw new LogPositionLost();
  let newest = position;
  let isAtEnd = false;
  const next = (): ReturnType<LogSource['page']> => source.page(position, expectedOf(newest, known));
  let coming = next();
  for (;;) {
    const page = await unlessAborted(coming, signal);
    if (page === undefined) {
      known.forget();
      throw new LogPositionLost();
    }
    const { log, lines } = page;
    const last = lines.at(-1);
    position = { log, entry: last === undefined ? (position?.entry ?? '') : nameIn(last) };
    newest = { log, entry: page.newest };
    if (page.newest !== '') known.note(newest);
    if (page.isFull) {
      coming = next();
      // It is awaited below, unless the reader stops.
      coming.catch(() => {});
      // The request leaves in this turn, so that the server works while this process does.
      await nextTurn();
      if (signal.aborted) return;
    }
    if (lines.length > 0) yield entriesIn(lines, textOfPosition(log, ''));
    if (signal.aborted) return;
    if (page.isFull) continue;
    if (!isAtEnd || lines.length === 0) yield [];
    isAtEnd = true;
    if (signal.aborted) return;
    await unlessAborted(source.changed(), signal);
    coming = next();
  }
}

/** Both: the newest known entry may have been appended after a loss that this read has not noticed yet. */
function expectedOf(newest: LogPosition | undefined, known: NewestEntry): readonly string[] {
  if (newest === undefined) return [];
  return [...new Set([newest.entry, known.from(newest).entry])].filter((name) => name !== '');
}
