import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checks } from './checks.js';
import type { Connection } from './connection.js';
import type { Feed } from './feed.js';
import type { Registry } from './registry.js';
import { EVERYONE, eventId } from './topics.js';

/** How many streams get a heartbeat, and how many sessions are checked, in one turn of the event loop. */
const AT_ONCE = 500;

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
  /** Whether each stream has a deadline of its own, that of its token. */
  readonly #isStateless: boolean;
  readonly #onBeat: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isBeating = false;

  /** `interval`: ms. `onBeat`: what else is due then. */
  constructor(
    interval: number,
    registry: Registry,
    feed: Feed,
    checks: Checks,
    isStateless: boolean,
    onBeat: () => void,
  ) {
    this.#interval = interval;
    this.#registry = registry;
    this.#feed = feed;
    this.#checks = checks;
    this.#isStateless = isStateless;
    this.#onBeat = onBeat;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#beat(), this.#interval).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Checks every session once, a few hundred at a time. */
  async checkAll(): Promise<void> {
    const connections = this.#registry.all();
    for (const group of slices(this.#isStateless ? connections : oneOfEach(connections))) {
      await Promise.all(group.map((connection) => this.#check(connection)));
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
      await this.#feed.tick().catch(() => undefined);
      await this.checkAll();
    } finally {
      this.#isBeating = false;
    }
  }

  /** What holds of one stream of a stored session holds of the others. */
  async #check(connection: Connection): Promise<void> {
    await this.#checks.check(connection);
    if (this.#isStateless) return;
    const { unchecked, isOver } = connection;
    if (unchecked === 0 && !isOver) return;
    await this.#checks.checkAll(this.#registry.ofSession(connection.lineage).filter((one) => one !== connection));
  }
}

function oneOfEach(connections: readonly Connection[]): Connection[] {
  return [...new Map(connections.map((connection) => [connection.lineage, connection])).values()];
}

function* slices(connections: readonly Connection[]): Generator<readonly Connection[]> {
  for (let start = 0; start < connections.length; start += AT_ONCE) yield connections.slice(start, start + AT_ONCE);
}
