/** A place in a revocation log: after one of its entries, or at its beginning. */
export interface LogPosition {
  /** The random name of the log. A log that was emptied or replaced has another one. */
  readonly log: string;
  /** The name of the entry: two numbers, of which the first one decides which of two entries is later. '' is the beginning. */
  readonly entry: string;
}

const POSITION = /^([\w-]{1,64}):(\d+[.-]\d+)$/;

/** A position as readers see it. */
export function textOfPosition(log: string, entry: string): string {
  return `${log}:${entry}`;
}

/** Reads what {@link textOfPosition} wrote; undefined for any other text. */
export function positionIn(text: string): LogPosition | undefined {
  const [, log, entry] = POSITION.exec(text) ?? [];
  return log === undefined || entry === undefined ? undefined : { log, entry };
}

/** The later of two positions of one log, or else the first one. */
export function laterPosition(one: LogPosition, other: LogPosition | undefined): LogPosition {
  return other !== undefined && other.log === one.log && isLater(other.entry, one.entry) ? other : one;
}

function isLater(entry: string, than: string): boolean {
  const [[major = -1, minor = -1], [otherMajor = -1, otherMinor = -1]] = [numbersOf(entry), numbersOf(than)];
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

function numbersOf(entry: string): readonly number[] {
  return entry === '' ? [] : entry.split(/[.-]/).map(Number);
}
