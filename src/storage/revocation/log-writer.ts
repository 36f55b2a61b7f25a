import { StoreUnavailable } from '../../errors.js';
import type { NewRevocation, RevocationLog } from '../../ports/revocation-log.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

/** Appends to a log, and retries until it acknowledges. A caller stops waiting at the deadline; retrying goes on. */
export class LogWriter {
  readonly #log: RevocationLog;
  readonly #deadline: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waiting = new Set<(error: StoreUnavailable) => void>();
  #isOpen = true;

  /** `deadline`: how long a caller waits for an acknowledgement, in ms. */
  constructor(log: RevocationLog, deadline: number) {
    this.#log = log;
    this.#deadline = deadline;
  }

  /**
   * Resolves when the log has acknowledged.
   * @throws StoreUnavailable after the deadline or `close`; after the deadline, retrying goes on
   */
  append(entry: NewRevocation): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(closed());
      let failure: unknown;
      const timer = this.#later(this.#deadline, () => {
        this.#waiting.delete(reject);
        reject(new StoreUnavailable(`the revocation log did not acknowledge within ${this.#deadline} ms`, failure));
      });
      this.#waiting.add(reject);
      let isIn = false;
      let retry: NodeJS.Timeout | undefined;
      // An acknowledgement counts for an attempt that timed out, too. Otherwise a log slower than the deadline would
      // receive the entry for ever.
      const acknowledged = (): void => {
        isIn = true;
        this.#waiting.delete(reject);
        this.#forget(timer);
        this.#forget(retry);
        resolve();
      };
      const attempt = (pause: number): void => {
        this.#appendOnce(entry, acknowledged).catch((error: unknown) => {
          failure = error;
          if (isIn) return;
          // A retry need not keep the process alive. The timer of the deadline does, because a caller waits for it.
          retry = this.#later(pause, () => attempt(Math.min(LONGEST_PAUSE, pause * 2)));
          retry?.unref();
        });
      };
      attempt(FIRST_PAUSE);
    });
  }

  /** One attempt. It fails if the log does not answer within the deadline, so that it can be retried. */
  #appendOnce(entry: NewRevocation, acknowledged: () => void): Promise<void> {
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
