import type { SessionEventEmitter } from './events.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './server-session-options.js';

const BATCH = 500;
/** By how much intervals vary, so that instances that started together do not sweep together. */
const JITTER = 0.2;
/** ms; a timer that is to wait longer fires at once. */
const LONGEST_WAIT = 2_147_483_647;

/** Removes sessions that are over: when asked, and now and then in the background, for which it keeps no process running. */
export class Sweeper {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #events: SessionEventEmitter;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: ServerSettings, store: GuardedStore, events: SessionEventEmitter) {
    this.#settings = settings;
    this.#store = store;
    this.#events = events;
    if (settings.sweepInterval !== null) this.#schedule(settings.sweepInterval);
  }

  /** Gives how many sessions were removed; several processes may sweep at once. @throws StoreUnavailable */
  async sweep(): Promise<number> {
    const now = this.#settings.clock.now();
    let count = 0;
    for (;;) {
      const swept = await this.#store.sweep(now, BATCH);
      for (const { id, uid, retired } of swept) {
        if (retired) continue;
        count += 1;
        this.#events.emit('ended', { id, uid: uid ?? undefined, reason: 'expired' });
      }
      if (swept.length < BATCH) return count;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(interval: number): void {
    const wait = Math.min(LONGEST_WAIT, interval * (1 - JITTER + 2 * JITTER * Math.random()));
    const timer = setTimeout(() => {
      // A store that is down is noticed by the requests; the next sweep removes what this one left.
      this.sweep()
        .catch(() => undefined)
        .finally(() => {
          if (this.#timer === timer) this.#schedule(interval);
        });
    }, wait).unref();
    this.#timer = timer;
  }
}
