import { newId } from '../../lib/id.js';
import type { Clock } from '../../ports/clock.js';
import type { RevocationReaders } from '../../ports/revocation-log.js';
import { ageOf, type Moment, momentOf } from './moment.js';
import { settledWithin } from './settled-within.js';

/**
 * Registers this process with a log as one of its readers, so that revocations can wait for it.
 *
 * The log forgets a reader `bound` ms after it was last seen. It is seen when it has read something new, and otherwise at
 * every tenth of that time. When it is forgotten, its list is stale: an answer of the log counts only while this process is
 * registered, and for no longer than `bound` after the call that registered it.
 */
export class Presence {
  readonly #readers: RevocationReaders;
  readonly #clock: Clock;
  readonly #bound: number;
  readonly #deadline: number;
  readonly #id = newId();
  readonly #onSeen: () => void;
  #position: string | null = null;
  /** What the log has acknowledged last. */
  #seenPosition: string | null = null;
  /** When the last `seen` that the log acknowledged was called. */
  #since: Moment | undefined;
  #call: Promise<void> | undefined;
  #lastSeen: Promise<void> | undefined;
  #isDue = false;
  #hasLeft = false;

  /** `onSeen`: called when the log has acknowledged what this process has read. */
  constructor(readers: RevocationReaders, clock: Clock, bound: number, deadline: number, onSeen: () => void) {
    this.#readers = readers;
    this.#clock = clock;
    this.#bound = bound;
    this.#deadline = deadline;
    this.#onSeen = onSeen;
  }

  /** Since when this process is registered without a gap that anyone could notice; `undefined` if it may be forgotten. */
  get since(): Moment | undefined {
    const since = this.#since;
    return since !== undefined && ageOf(since, this.#clock.now()) <= this.#bound ? since : undefined;
  }

  /** Registers this process before it reads. @throws if the log does not acknowledge */
  async enter(position: string | null): Promise<void> {
    this.#position = position;
    await this.#call;
    if (this.#hasLeft) return;
    const start = momentOf(this.#clock.now());
    await this.#see(position);
    this.#since = start;
    this.#seenPosition = position;
  }

  /**
   * Tells the log what this process has read, if that is news or due. One call at a time; the newest position is sent after
   * it.
   */
  report(position: string | null): void {
    const isKnown = position === this.#seenPosition && this.#call === undefined;
    if (isKnown && this.#since !== undefined && ageOf(this.#since, this.#clock.now()) < this.#bound / 10) return;
    this.#position = position;
    this.#isDue = true;
    this.#call ??= this.#reportDue().finally(() => {
      this.#call = undefined;
    });
  }

  /** Has the log forget this process. Never rejects. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    // Otherwise a call under way would register it again.
    await this.#lastSeen?.catch(() => undefined);
    await settledWithin(this.#deadline, () => this.#readers.left(this.#id)).catch(() => undefined);
  }

  async #reportDue(): Promise<void> {
    while (this.#isDue && !this.#hasLeft) {
      this.#isDue = false;
      const start = momentOf(this.#clock.now());
      const position = this.#position;
      const isSeen = await this.#see(position).then(
        () => true,
        () => false,
      );
      // After a gap, revocations may not have waited for this process: it must enter, and read again.
      if (!isSeen || this.since === undefined) continue;
      this.#since = start;
      this.#seenPosition = position;
      this.#onSeen();
    }
  }

  #see(position: string | null): Promise<void> {
    this.#lastSeen = settledWithin(this.#deadline, () => this.#readers.seen(this.#id, position, this.#bound));
    return this.#lastSeen;
  }
}
