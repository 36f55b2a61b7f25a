import { StoreUnavailable } from '../../errors.js';
import type { Revocation } from '../../ports/revocation-log.js';

/** What a read of a revocation log yields. */
export type Batches = AsyncGenerator<readonly Revocation[], void, undefined>;

/** The reads of a revocation log. They end when their signal aborts, and when the log is closed. */
export class LogReads {
  readonly #what: string;
  readonly #closing = new AbortController();

  /** `what`: the class of the log, for the message. */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * Yields what `batches` yields until its signal aborts. After that, errors are ignored: what was under way may fail.
   * @throws StoreUnavailable when the log is closed
   */
  async *until(signal: AbortSignal, batches: (ending: AbortSignal) => Batches): Batches {
    this.assertOpen();
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    if (ending.aborted) return;
    try {
      yield* batches(ending);
    } catch (error) {
      if (!ending.aborted) throw error;
    }
  }

  /** @throws StoreUnavailable when the log is closed */
  assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable(`the ${this.#what} was closed`);
  }

  /** Ends all reads. */
  close(): void {
    this.#closing.abort();
  }
}
