import { LogPositionLost } from '../../errors.js';
import type { Revocation } from '../../ports/revocation-log.js';
import { type LogPosition, positionIn, textOfPosition } from './log-position.js';
import type { NewestEntry } from './newest-entry.js';
import { parsedTexts, revocationOfJson } from './revocation-text.js';
import { unlessAborted } from './unless-aborted.js';

/** A part of a log. */
export interface LogPage {
  readonly log: string;
  /** The name of the last entry of the log, which may be in a later page; '' when there is none. */
  readonly newest: string;
  readonly entries: readonly Revocation[];
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
): AsyncGenerator<readonly Revocation[], void, undefined> {
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
    const last = positionIn(page.entries.at(-1)?.seq ?? '');
    position = { log: page.log, entry: last?.entry ?? position?.entry ?? '' };
    newest = { log: page.log, entry: page.newest };
    if (page.newest !== '') known.note(newest);
    if (page.isFull) {
      coming = next();
      // It is awaited below, unless the reader stops.
      coming.catch(() => {});
    }
    if (page.entries.length > 0) yield page.entries;
    if (signal.aborted) return;
    if (page.isFull) continue;
    if (!isAtEnd || page.entries.length === 0) yield [];
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

/** The entries of a text with one line for each: its name and a space first, its text, which begins with a brace, last. */
export function entriesIn(log: string, lines: string): readonly Revocation[] {
  if (lines === '') return [];
  const rows = lines.split('\n');
  const values = parsedTexts(rows.map((row) => row.slice(row.indexOf('{'))));
  return rows.map((row, at) => revocationOfJson(textOfPosition(log, row.slice(0, row.indexOf(' '))), values[at]));
}
