import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.js';
import type { Revocation, RevocationLog } from '../../ports/revocation-log.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** How long `stop` waits for a log that ignores the abort signal, in ms. */
const PATIENCE = 1000;

/** Reads a log for as long as it is open, and records when it last answered. Reads again after every failure. */
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

  /** Resolves when all entries that were in the log at the start have been read. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** How long ago the log last answered, in ms; `Infinity` before all entries from the start have been read. */
  age(now: number): number {
    return Math.max(0, now - this.#lastAnswer);
  }

  /** The error of the last read; `undefined` after a read that succeeded. */
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

  /** Batches before the first empty batch of a read are backlog, so they do not show that the list is up to date. */
  #answered(entries: readonly Revocation[], isCaughtUp: boolean): void {
    this.#take(entries);
    this.#position = entries.at(-1)?.seq ?? this.#position;
    this.#lastFailure = undefined;
    if (!isCaughtUp) return;
    this.#lastAnswer = this.#clock.now();
    this.#announceCaughtUp();
  }
}
