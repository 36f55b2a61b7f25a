import { StoreUnavailable } from '../../errors.js';
import type { NewRevocation, RevocationLog } from '../../ports/revocation-log.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

/** Appends to a log and does not give up: a caller stops waiting at the deadline, the entry is tried again until it is in. */
export class LogWriter {
  readonly #log: RevocationLog;
  readonly #deadline: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waiting = new Set<(error: StoreUnavailable) => void>();
  #isOpen = true;

  /** `deadline`: ms a caller waits for an acknowledgement. */
  constructor(log: RevocationLog, deadline: number) {
    this.#log = log;
    this.#deadline = deadline;
  }

  /** Resolves when the log has acknowledged. @throws StoreUnavailable after the deadline; the entry is still tried. */
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
      // Of any attempt, one that was given up too: a log slower than the deadline would else be given the entry for ever.
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
          // Nobody need stay for a retry; but somebody awaits the deadline, whose timer therefore keeps the process.
          retry = this.#later(pause, () => attempt(Math.min(LONGEST_PAUSE, pause * 2)));
          retry?.unref();
        });
      };
      attempt(FIRST_PAUSE);
    });
  }

  /** One attempt, given up when the log says nothing for as long as a caller waits: it may be asked again. */
  #appendOnce(entry: NewRevocation, acknowledged: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#later(this.#deadline, () => reject(new Error('the revocation log said nothing')));
      timer?.unref();
      // A log may fail before it gives a promise, too.
      Promise.resolve()
        .then(() => this.#log.append(entry))
        .then(acknowledged)
        .then(resolve, reject)
        .finally(() => this.#forget(timer));
    });
  }

  /** Ends all retries; whoever still waits is told so. */
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
