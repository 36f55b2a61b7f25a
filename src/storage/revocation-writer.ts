import { StoreUnavailable } from '../errors.js';
import type { NewRevocation, RevocationLog } from '../ports/revocation-log.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

/** Appends to a log and does not give up: a caller stops waiting at the deadline, the entry is tried again until it is in. */
export class RevocationWriter {
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
      const attempt = (pause: number): void => {
        this.#appendOnce(entry).then(
          () => {
            this.#waiting.delete(reject);
            this.#forget(timer);
            resolve();
          },
          (error: unknown) => {
            failure = error;
            // Nobody need stay for a retry; but somebody awaits the deadline, whose timer therefore keeps the process.
            this.#later(pause, () => attempt(Math.min(LONGEST_PAUSE, pause * 2)))?.unref();
          },
        );
      };
      attempt(FIRST_PAUSE);
    });
  }

  /** One attempt, given up when the log says nothing for as long as a caller waits: it may be asked again. */
  #appendOnce(entry: NewRevocation): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = this.#later(this.#deadline, () => reject(new Error('the revocation log said nothing')));
      timer?.unref();
      // A log may fail before it gives a promise, too.
      Promise.resolve()
        .then(() => this.#log.append(entry))
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
