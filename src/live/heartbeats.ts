import type { Checks } from './checks.js';
import type { Connection } from './connection.js';
import type { Feed } from './feed.js';
import type { Registry } from './registry.js';
import { EVERYONE, eventId } from './topics.js';
import { Turns } from './turns.js';

/** How many streams get a heartbeat in one turn of the event loop. */
const AT_ONCE = 200;

const COMMENT = Buffer.from(':\n\n');

/**
 * The heartbeat of this process's streams. Each gets a comment, so that dead connections are found and proxies keep the others. Each
 * session is checked, in case an announcement of its end was lost.
 */
export class Heartbeats {
  readonly #interval: number;
  readonly #registry: Registry;
  readonly #feed: Feed;
  readonly #checks: Checks;
  readonly #onBeat: (connection: Connection) => void;
  readonly #turns = new Turns(AT_ONCE);
  #timer: NodeJS.Timeout | undefined;
  #isBeating = false;

  /** `interval`: ms. `onBeat`: what else is due for each stream then. */
  constructor(
    interval: number,
    registry: Registry,
    feed: Feed,
    checks: Checks,
    onBeat: (connection: Connection) => void,
  ) {
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

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      const { settled } = this.#feed;
      const position = settled === undefined ? COMMENT : Buffer.from(`id: ${eventId(EVERYONE, settled)}\n\n`);
      await this.#turns.each(this.#registry.all(), (connection) => {
        connection.beat(COMMENT, position);
        if (!connection.isOver) this.#onBeat(connection);
      });
      // The sessions are checked, whether the bus answers or not.
      void this.#feed.tick();
      await this.#checks.checkAll(this.#registry.all());
    } finally {
      this.#isBeating = false;
    }
  }
}
