import { type LogPosition, laterPosition } from './log-position.js';

/** ms for which a log keeps every entry after the next one was appended, whatever its `until`. */
export const RETENTION = 3_600_000;
/** ms for which the newest known entry is surely there, unless the log lost it. */
const SURE = RETENTION / 2;

/**
 * The newest entry that a process knows to be in a log. When the log no longer has it, the log lost entries: in a failover, or because an older
 * copy was restored. Entries are in one order, so while the log has the newest known one, it has all earlier ones.
 */
export class NewestEntry {
  #known: LogPosition | undefined;
  /** A time of `performance.now()`. */
  #since = 0;

  note(position: LogPosition): void {
    this.#known = this.#known?.log === position.log ? laterPosition(position, this.#known) : position;
    if (this.#known === position) this.#since = performance.now();
  }

  forget(): void {
    this.#known = undefined;
  }

  /** The later one of `position` and the newest known entry. */
  from(position: LogPosition): LogPosition {
    return laterPosition(position, this.#known);
  }

  /** The newest known entry, if the log must still have it. */
  get sure(): LogPosition | undefined {
    return performance.now() - this.#since < SURE ? this.#known : undefined;
  }
}
