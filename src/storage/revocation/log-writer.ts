import { StoreUnavailable } from '../../errors.js';
import type { NewRevocation, RevocationLog } from '../../ports/revocation-log.js';
import { type Retried, Retries } from './retries.js';

/** What one entry is appended for. */
interface AppendObserver {
  /** Asked before the first attempt. */
  readonly isWanted?: () => boolean;
  readonly onPosition?: (position: string) => void;
  readonly onFailure?: (error: unknown) => void;
}

/** Appends to a log, and retries until it acknowledges. A caller stops waiting at the deadline; retrying goes on. */
export class LogWriter {
  readonly #log: RevocationLog;
  readonly #deadline: number;
  readonly #onAppend: (entry: NewRevocation) => () => void;
  readonly #retries = new Retries();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waiting = new Set<(error: StoreUnavailable) => void>();
  #isOpen = true;

  /**
   * `deadline`: how long a caller waits for an acknowledgement, in ms. `onAppend`: called when appending an entry begins; what
   * it returns is called when the log has acknowledged the entry.
   */
  constructor(
    log: RevocationLog,
    deadline: number,
    onAppend: (entry: NewRevocation) => () => void = () => () => undefined,
  ) {
    this.#log = log;
    this.#deadline = deadline;
    this.#onAppend = onAppend;
  }

  /**
   * Appends entries one after another. Resolves with their positions when the log has acknowledged all of them.
   * @throws StoreUnavailable after the deadline or `close`; after the deadline, retrying goes on
   */
  append(...entries: readonly NewRevocation[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(closed());
      let failure: unknown;
      const timer = this.#later(this.#deadline, () => {
        this.#waiting.delete(reject);
        reject(new StoreUnavailable(`the revocation log did not acknowledge within ${this.#deadline} ms`, failure));
      });
      this.#waiting.add(reject);
      const done = (positions: readonly string[]): void => {
        this.#waiting.delete(reject);
        this.#forget(timer);
        resolve(positions);
      };
      const failed = (error: unknown): void => {
        failure = error;
      };
      void this.#inOrder(entries, failed).then(done);
    });
  }

  /**
   * Appends entries that the log has lost, a few at a time, without a deadline.
   * @param isMissing asked of each entry when it is its turn: another process may have appended it by then
   */
  refill(entries: readonly NewRevocation[], isMissing: (entry: NewRevocation) => boolean): void {
    for (const entry of entries) {
      this.#retries.add(this.#appended(entry, { isWanted: () => isMissing(entry) }));
    }
  }

  async #inOrder(entries: readonly NewRevocation[], failed: (error: unknown) => void): Promise<readonly string[]> {
    const positions: string[] = [];
    for (const entry of entries) positions.push(await this.#untilAcknowledged(entry, failed));
    return positions;
  }

  /** Settles only when the log has acknowledged: after `close`, never. */
  #untilAcknowledged(entry: NewRevocation, onFailure: (error: unknown) => void): Promise<string> {
    return new Promise((onPosition) => {
      if (!this.#isOpen) return;
      const retried = this.#appended(entry, { onPosition, onFailure });
      // The first attempt waits for no turn: a log that is up acknowledges it, however many others are to be repeated.
      retried.attempt().catch(() => this.#retries.again(retried));
    });
  }

  #appended(
    entry: NewRevocation,
    { isWanted = () => true, onPosition = () => undefined, onFailure = () => undefined }: AppendObserver,
  ): Retried {
    let isIn = false;
    let onAcknowledged: (() => void) | undefined;
    // An acknowledgement counts for an attempt that timed out, too. Otherwise a log slower than the deadline would
    // receive the entry for ever.
    const acknowledged = (position: string): void => {
      if (isIn) return;
      isIn = true;
      onAcknowledged?.();
      onPosition(position);
    };
    return {
      isNeeded: () => !isIn && (onAcknowledged !== undefined || isWanted()),
      attempt: async () => {
        onAcknowledged ??= this.#onAppend(entry);
        try {
          await this.#appendOnce(entry, acknowledged);
        } catch (error) {
          onFailure(error);
          throw error;
        }
      },
    };
  }

  /** One attempt. It fails if the log does not answer within the deadline, so that it can be retried. */
  #appendOnce(entry: NewRevocation, acknowledged: (position: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#later(this.#deadline, () => reject(new Error('the revocation log said nothing')));
      timer?.unref();
      // `append` may also throw synchronously.
      Promise.resolve()
        .then(() => this.#log.append(entry))
        .then(acknowledged)
        .then(resolve, reject)
        .finally(() => this.#forget(timer));
    });
  }

  /** Stops all retries, and rejects the appends that callers are waiting for. */
  close(): void {
    this.#isOpen = false;
    this.#retries.close();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const reject of this.#waiting) reject(closed());
    this.#waiting.clear();
  }

  #later(ms: number, run: () => void): NodeJS.Timeout | undefined {
    if (!this.#isOpen) return undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #forget(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('the revocation list was closed before the revocation log acknowledged');
}
