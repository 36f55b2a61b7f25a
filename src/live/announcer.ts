import type { Envelope } from './envelope.js';
import type { Feed } from './feed.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How many announcements wait for a bus that is away. Beyond that the oldest is dropped: the heartbeat finds what ended. */
const MOST_WAITING = 10_000;

interface Announcement {
  readonly topic: string;
  readonly envelope: Envelope;
}

/** Tells the other processes what has ended, in order. Retries while the bus is away. */
export class Announcer {
  readonly #feed: Feed;
  readonly #waiting: Announcement[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
  #isClosed = false;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  announce(topic: string, envelope: Envelope): void {
    if (this.#isClosed) return;
    this.#waiting.push({ topic, envelope });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#isSending) void this.#send(FIRST_PAUSE);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  async #send(pause: number): Promise<void> {
    this.#isSending = true;
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#feed.publish(next.topic, next.envelope);
        if (this.#waiting[0] === next) this.#waiting.shift();
      }
      this.#isSending = false;
    } catch {
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => void this.#send(Math.min(LONGEST_PAUSE, pause * 2)), pause);
      this.#timer.unref();
    }
  }
}
