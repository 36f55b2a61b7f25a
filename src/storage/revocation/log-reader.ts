import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.js';
import type { Revocation, RevocationLog } from '../../ports/revocation-log.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** ms that stopping waits for a log that minds no signal. */
const PATIENCE = 1000;

/** Follows a log for as long as it is open: what it says, and when it last answered. Reads again after every failure. */
export class LogReader {
  readonly #log: RevocationLog;
  readonly #clock: Clock;
  readonly #take: (entries: readonly Revocation[]) => void;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  readonly #caughtUp: Promise<void>;
  #announceCaughtUp: () => void = () => undefined;
  #position: string | null = null;
  #lastAnswer = Number.NEGATIVE_INFINITY;
  #lastFailure: unknown;

  constructor(log: RevocationLog, clock: Clock, take: (entries: readonly Revocation[]) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#take = take;
    this.#caughtUp = new Promise((resolve) => {
      this.#announceCaughtUp = resolve;
    });
    this.#ended = this.#follow();
  }

  /** Resolves once all that was in the log at the start is known. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** ms since the log last answered; Infinity before all that was in it at the start is known. */
  age(now: number): number {
    return Math.max(0, now - this.#lastAnswer);
  }

  /** What the last read failed with; `undefined` since the log answers. */
  get failure(): unknown {
    return this.#lastFailure;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const waiting = new AbortController();
    const tired = delay(PATIENCE, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
    await Promise.race([this.#ended, tired]);
    waiting.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        let isCaughtUp = false;
        for await (const entries of this.#log.read(this.#position, signal)) {
          isCaughtUp ||= entries.length === 0;
          this.#answered(entries, isCaughtUp);
          pause = FIRST_PAUSE;
          if (signal.aborted) return;
        }
      } catch (error) {
        this.#lastFailure = error;
      }
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** What comes before the first empty batch of a read is backlog: it may have been overtaken long ago. */
  #answered(entries: readonly Revocation[], isCaughtUp: boolean): void {
    this.#take(entries);
    this.#position = entries.at(-1)?.seq ?? this.#position;
    this.#lastFailure = undefined;
    if (!isCaughtUp) return;
    this.#lastAnswer = this.#clock.now();
    this.#announceCaughtUp();
  }
}
