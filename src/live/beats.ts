import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checks } from './checks.js';
import type { Feed } from './feed.js';
import type { Registry } from './registry.js';
import { EVERYONE, eventId } from './topics.js';

/** How many streams get a heartbeat, and how many sessions are checked, in one turn of the event loop. */
const AT_ONCE = 200;

const COMMENT = Buffer.from(':\n\n');

/**
 * The heartbeat of this process's streams. Each gets a comment, so that dead connections are found and proxies keep the others. Each
 * session is checked, in case an announcement of its end was lost.
 */
export class Beats {
  readonly #interval: number;
  readonly #registry: Registry;
  readonly #feed: Feed;
  readonly #checks: Checks;
  readonly #onBeat: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isBeating = false;

  /** `interval`: ms. `onBeat`: what else is due then. */
  constructor(interval: number, registry: Registry, feed: Feed, checks: Checks, onBeat: () => void) {
    this.#interval = interval;
    this.#registry = registry;
    this.#feed = feed;
    this.#checks = checks;
    this.#onBeat = onBeat;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#beat(), this.#interval).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Checks every session, a few hundred at a time. */
  async checkAll(): Promise<void> {
    for (const groups of slices(this.#checks.together(this.#registry.all()))) {
      await this.#checks.checkAll(groups.flat());
      await nextTurn();
    }
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      const { settled } = this.#feed;
      const position = settled === undefined ? COMMENT : Buffer.from(`id: ${eventId(EVERYONE, settled)}\n\n`);
      for (const group of slices(this.#registry.all())) {
        for (const connection of group) connection.beat(COMMENT, position);
        await nextTurn();
      }
      this.#onBeat();
      // The sessions are checked, whether the bus answers or not.
      void this.#feed.tick();
      await this.checkAll();
    } finally {
      this.#isBeating = false;
    }
  }
}

function* slices<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += AT_ONCE) yield items.slice(start, start + AT_ONCE);
}
