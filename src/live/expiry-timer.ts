import { LONGEST_TIMER } from '../lib/whole-number.js';
import type { Clock } from '../ports/clock.js';
import type { Checks } from './checks.js';
import type { Connection } from './connection.js';
import type { Registry } from './registry.js';

/** Looks at the sessions of streams at the moment at which they may expire. One timer serves all. */
export class ExpiryTimer {
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #checks: Checks;
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(clock: Clock, registry: Registry, checks: Checks) {
    this.#clock = clock;
    this.#registry = registry;
    this.#checks = checks;
  }

  watch({ expires }: Connection): void {
    if (expires >= this.#next || this.#isStopped) return;
    this.#next = expires;
    clearTimeout(this.#timer);
    const delay = Math.min(LONGEST_TIMER, Math.max(0, expires - this.#clock.now()));
    this.#timer = setTimeout(() => void this.#look(), delay);
    this.#timer.unref();
  }

  /** There is nothing to watch until the next stream. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#next = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#isStopped = true;
    this.rest();
  }

  /** Sessions that were used in the meantime have a later deadline by now. */
  async #look(): Promise<void> {
    const now = this.#clock.now();
    const due = this.#registry.all().filter((connection) => connection.expires <= now);
    await this.#checks.checkAll(due);
    this.#next = Number.POSITIVE_INFINITY;
    for (const connection of this.#registry.all()) this.watch(connection);
  }
}
