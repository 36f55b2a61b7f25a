import type { Clock } from '../../ports/clock.js';
import type { RevocationEventEmitter } from './events.js';
import { ageOf, type Moment, momentOf } from './moment.js';

/** How often the event loop gives a sign of life, in ms, unless a quarter of `bound` is less. */
const LONGEST_BEAT = 1000;

/**
 * Records when the log last answered, and emits `stale` and `recovered`.
 *
 * An answer can lie in a socket while the process is stopped. So an answer that arrives after the event loop stood still
 * counts from the last moment at which the loop was seen to run.
 */
export class Freshness {
  readonly #clock: Clock;
  readonly #bound: number;
  readonly #events: RevocationEventEmitter;
  readonly #interval: number;
  readonly #start: Moment;
  #lastAnswer: Moment | undefined;
  #lastBeat: Moment;
  #isLate = false;
  #isAnnounced = false;
  readonly #timer: NodeJS.Timeout;
  /** The error of the last read; `undefined` after a read that succeeded. */
  failure: unknown;

  /** `bound`: the age from which the list is stale, in ms. */
  constructor(clock: Clock, bound: number, events: RevocationEventEmitter) {
    this.#clock = clock;
    this.#bound = bound;
    this.#events = events;
    this.#interval = Math.max(1, Math.min(LONGEST_BEAT, Math.floor(bound / 4)));
    this.#start = momentOf(clock.now());
    this.#lastBeat = momentOf(Date.now());
    this.#timer = setInterval(() => this.#beat(), this.#interval).unref();
  }

  /** How long ago the log last answered, in ms; `Infinity` before it has answered at all. */
  age(now: number): number {
    return this.#lastAnswer === undefined ? Number.POSITIVE_INFINITY : ageOf(this.#lastAnswer, now);
  }

  /** The moment as of which a batch that arrives now is an answer. */
  arrival(): Moment {
    const stood = this.#standstill();
    return momentOf(this.#clock.now(), stood > 2 * this.#interval ? stood : 0);
  }

  answered(at: Moment): void {
    const now = this.#clock.now();
    const age = this.age(now);
    this.#lastAnswer = at;
    if (!this.#isAnnounced || this.age(now) > this.#bound) return;
    this.#isAnnounced = false;
    this.#events.emit('recovered', { age });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    // After a standstill, timers may run before the sockets are read. The beat after this one is sure to come later.
    this.#isLate = !this.#isLate && this.#standstill() > 2 * this.#interval;
    if (!this.#isLate) this.#lastBeat = momentOf(Date.now());
    this.#announceStale();
  }

  #announceStale(): void {
    const now = this.#clock.now();
    // A list that has just been made is not late with its first read.
    if (this.#isAnnounced || ageOf(this.#lastAnswer ?? this.#start, now) <= this.#bound) return;
    this.#isAnnounced = true;
    this.#events.emit('stale', { age: this.age(now), code: codeOf(this.failure) });
  }

  /** The machine's own clock counts here, whatever clock the list was given. */
  #standstill(): number {
    return ageOf(this.#lastBeat, Date.now());
  }
}

function codeOf(failure: unknown): string | undefined {
  const code: unknown = typeof failure === 'object' && failure !== null ? Reflect.get(failure, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
