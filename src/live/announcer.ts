import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../lib/id.js';
import type { ControlEnvelope } from './envelope.js';
import type { Feed } from './feed.js';
import { CONTROL } from './topics.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How many announcements wait for a bus that is away. Beyond that the oldest is dropped: the heartbeat finds what ended. */
const MOST_WAITING = 10_000;
/** How long `close` waits for the bus to take what is to be announced: ms. */
const CLOSING = 2_000;

type Without<Part, Name extends PropertyKey> = Part extends unknown ? Omit<Part, Name> : never;

/** What is announced. The announcer adds the process. */
export type Announcement = Without<ControlEnvelope, 'process'>;

/** Tells the other processes what has ended, in order. Retries while the bus is away. */
export class Announcer {
  /** The name of this process. */
  readonly process: string = newId();
  readonly #feed: Feed;
  readonly #waiting: Announcement[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  announce(announcement: Announcement): void {
    if (this.#isClosed) return;
    this.#waiting.push(announcement);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#timer === undefined) this.#start(FIRST_PAUSE);
  }

  /** Resolves when the bus has taken what was announced before, or after two seconds. Nothing is announced after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#start(FIRST_PAUSE);
    const over = new AbortController();
    await Promise.race([this.#sending, pause(CLOSING, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
    this.#waiting.length = 0;
  }

  #start(wait: number): void {
    this.#timer = undefined;
    if (this.#sending === undefined && this.#waiting.length > 0) this.#sending = this.#send(wait);
  }

  async #send(wait: number): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#feed.publish(CONTROL, { ...next, process: this.process });
        if (this.#waiting[0] === next) this.#waiting.shift();
      }
    } catch {
      if (!this.#isClosed) {
        this.#timer = setTimeout(() => this.#start(Math.min(LONGEST_PAUSE, wait * 2)), wait);
        this.#timer.unref();
      }
    }
    // Here, and not once the promise has settled: what is announced in between must start another round.
    this.#sending = undefined;
  }
}
