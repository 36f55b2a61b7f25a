import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { LogPositionLost, StoreUnavailable } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Revocation, RevocationLog } from '../../ports/revocation-log.js';
import type { Freshness } from './freshness.js';
import { earlier, type Moment } from './moment.js';
import { Presence } from './presence.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** How long `stop` waits for a log that ignores the abort signal, in ms. */
const PATIENCE = 1000;
/** How many entries are taken in one turn of the event loop: they need a few ms. */
const AT_ONCE = 5000;

/** The settings of a LogReader, and what it reports to. */
export interface LogReaderOptions {
  readonly log: RevocationLog;
  readonly clock: Clock;
  readonly bound: number;
  readonly deadline: number;
  readonly freshness: Freshness;
  readonly take: (entries: readonly Revocation[]) => void;
  /** Called when all entries that the log keeps have been read from its start. */
  readonly onSnapshot: () => void;
  /** Called when the log has answered, and all entries that it had were read. */
  readonly onAnswer: () => void;
}

/** Reads a log for as long as it is open, and records when it last answered. Reads again after every failure. */
export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #presence: Presence | undefined;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  readonly #caughtUp: Promise<void>;
  #announceCaughtUp: () => void = () => undefined;
  #giveUp: (error: StoreUnavailable) => void = () => undefined;
  #position: string | null = null;
  #lastArrival: Moment | undefined;
  #isSnapshot = false;
  #takenInTurn = 0;
  /** How often the log was read from its start. */
  snapshots = 0;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    const { log, clock, bound, deadline } = options;
    this.#presence = log.readers && new Presence(log.readers, clock, bound, deadline, () => this.#count());
    this.#caughtUp = new Promise((resolve, reject) => {
      this.#announceCaughtUp = resolve;
      this.#giveUp = reject;
    });
    // Nobody need wait for it.
    this.#caughtUp.catch(() => undefined);
    this.#ended = this.#follow();
  }

  /** Resolves when all entries that were in the log at the start have been read. Rejects if that was stopped before. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#giveUp(new StoreUnavailable('the revocation list was closed before it had read its log'));
    const waiting = new AbortController();
    const tired = delay(PATIENCE, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
    await Promise.race([Promise.all([this.#ended, this.#presence?.leave()]), tired]);
    waiting.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        await this.#read(() => {
          pause = FIRST_PAUSE;
        });
      } catch (error) {
        this.#options.freshness.failure = error;
        if (error instanceof LogPositionLost && this.#position !== null) {
          this.#position = null;
          // Not again before this snapshot was read: a log that always loses its place would be read without a pause.
          if (!this.#isSnapshot) continue;
        }
      }
      if (signal.aborted) return;
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** Reads until the log fails, or may have forgotten this process. */
  async #read(onAnswer: () => void): Promise<void> {
    const { log, freshness } = this.#options;
    const { signal } = this.#stopping;
    const presence = this.#presence;
    if (presence !== undefined && (this.#position === null || presence.since === undefined)) {
      // What was answered before a gap says nothing about revocations that did not wait for this process.
      if (presence.since === undefined) this.#lastArrival = undefined;
      await presence.enter(this.#position);
      if (signal.aborted) return;
    }
    if (this.#position === null) {
      this.#isSnapshot = true;
      this.snapshots += 1;
    }
    let isCaughtUp = false;
    for await (const entries of log.read(this.#position, signal)) {
      const arrival = freshness.arrival();
      isCaughtUp ||= entries.length === 0;
      await this.#take(entries);
      if (signal.aborted) return;
      freshness.failure = undefined;
      onAnswer();
      if (presence !== undefined && presence.since === undefined) return;
      // Batches before the first empty batch of a read are backlog, so they do not show that the list is up to date.
      if (isCaughtUp) this.#answered(arrival);
      presence?.report(this.#position);
    }
  }

  async #take(entries: readonly Revocation[]): Promise<void> {
    for (let start = 0; start < entries.length; ) {
      const some = entries.slice(start, start + AT_ONCE - this.#takenInTurn);
      this.#options.take(some);
      this.#position = some.at(-1)?.seq ?? this.#position;
      start += some.length;
      this.#takenInTurn += some.length;
      if (this.#takenInTurn < AT_ONCE) continue;
      await nextTurn();
      this.#takenInTurn = 0;
      if (this.#stopping.signal.aborted) return;
    }
  }

  #answered(arrival: Moment): void {
    this.#lastArrival = arrival;
    this.#count();
    this.#announceCaughtUp();
    this.#options.onAnswer();
    if (!this.#isSnapshot) return;
    this.#isSnapshot = false;
    this.#options.onSnapshot();
  }

  /** An answer counts only from when this process was registered, if the log wants that. */
  #count(): void {
    if (this.#lastArrival === undefined) return;
    const since = this.#presence === undefined ? this.#lastArrival : this.#presence.since;
    if (since !== undefined) this.#options.freshness.answered(earlier(this.#lastArrival, since));
  }
}
