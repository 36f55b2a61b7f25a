import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionError } from '../errors.js';
import { LONGEST_TIMER } from '../lib/whole-number.js';
import type { Clock } from '../ports/clock.js';
import type { SessionEventEmitter } from './events.js';
import type { GuardedStore } from './guarded-store.js';

/** Small enough that the events of one batch do not block the event loop for long. */
const BATCH = 500;
/** How much intervals vary, so that instances that started together do not sweep together. */
const JITTER = 0.2;
/** From how many failures in a row on an event is emitted: a single one may be a restart of the server. */
const TOLD_FROM = 2;

/** The settings that sweeping depends on. */
export interface SweepSettings {
  /** In ms; `null` = only on demand. */
  readonly sweepInterval: number | null;
  readonly clock: Clock;
}

/** The state of the background sweep. */
export interface SweepHealth {
  /** How many sweeps in a row have failed; 0 if the last one succeeded. */
  readonly failures: number;
  /** When a sweep last succeeded: ms timestamp; `undefined` before the first. */
  readonly lastSuccess: number | undefined;
}

/** Removes expired sessions, on demand and in the background. The background timer does not keep the process alive. */
export class Sweeper {
  readonly #settings: SweepSettings;
  readonly #store: GuardedStore;
  readonly #events: SessionEventEmitter;
  readonly #announces: boolean;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastSuccess: number | undefined;

  /** `announces`: whether `ended` is emitted for what a sweep removes. */
  constructor(settings: SweepSettings, store: GuardedStore, events: SessionEventEmitter, announces = true) {
    this.#settings = settings;
    this.#store = store;
    this.#events = events;
    this.#announces = announces;
    if (settings.sweepInterval !== null) this.#schedule(settings.sweepInterval);
  }

  get health(): SweepHealth {
    return { failures: this.#failures, lastSuccess: this.#lastSuccess };
  }

  /** Returns how many sessions were removed. Several processes may sweep at once. @throws StoreUnavailable */
  async sweep(): Promise<number> {
    try {
      const count = await this.#sweepAll();
      this.#failures = 0;
      this.#lastSuccess = this.#settings.clock.now();
      return count;
    } catch (error) {
      this.#failures += 1;
      const code = error instanceof SessionError ? error.code : 'unknown';
      if (this.#failures >= TOLD_FROM) this.#events.emit('sweep-failed', { failures: this.#failures, code });
      throw error;
    }
  }

  /** Starts the next background sweep now, because the store has much to remove. */
  sweepSoon(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#wait(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #sweepAll(): Promise<number> {
    const now = this.#settings.clock.now();
    let count = 0;
    for (;;) {
      const swept = await this.#store.sweep(now, BATCH);
      for (const { id, uid, retired } of swept) {
        if (retired) continue;
        count += 1;
        if (this.#announces) this.#events.emit('ended', { id, uid: uid ?? undefined, reason: 'expired' });
      }
      if (swept.length < BATCH) return count;
      await nextTurn();
    }
  }

  #schedule(interval: number): void {
    this.#wait(Math.min(LONGEST_TIMER, interval * (1 - JITTER + 2 * JITTER * Math.random())));
  }

  #wait(ms: number): void {
    const timer = setTimeout(() => {
      // The next sweep removes what this one left.
      this.sweep()
        .catch(() => undefined)
        .finally(() => {
          if (this.#timer === timer) this.#schedule(this.#settings.sweepInterval ?? LONGEST_TIMER);
        });
    }, ms).unref();
    this.#timer = timer;
  }
}
