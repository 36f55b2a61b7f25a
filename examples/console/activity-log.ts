import type { Bus } from 'sessions-jwt/live';
import { z } from 'zod';
import type { ServerStorage, TokenStorage } from './storage.js';

/** ms that one bar of the chart stands for, and how many bars are kept. */
export const STEP = 30_000;
const BARS = 20;

const TOPIC = 'console.activity';
const NOT_KEPT = { limit: 0, life: 1 };

const access = z.object({ uid: z.string(), at: z.number() });

/** A bar of the chart: when it begins (ms timestamp), and how many requests came in its time. */
export type Bar = readonly [start: number, count: number];

/** Counts the requests of each user over the last minutes. With a bus, processes count those of the others too. */
export class ActivityLog {
  readonly #bus: Bus | undefined;
  readonly #bars = new Map<string, Map<number, number>>();

  constructor(bus: Bus | undefined, { events, clock }: ServerStorage | TokenStorage) {
    this.#bus = bus;
    events.on('accessed', ({ uid, passive }) => {
      if (uid !== undefined && !passive) this.add(uid, clock.now());
    });
    // Without the bus, as while Redis is down, each process shows what it sees itself.
    bus
      ?.connect({ message: ({ body }) => this.#hear(body), missed: () => undefined })
      .then((connection) => connection.listen(TOPIC))
      .catch(() => undefined);
  }

  /** Counts a request. `at`: ms timestamp. */
  add(uid: string, at: number): void {
    if (this.#bus === undefined) this.#count(uid, at);
    else
      this.#bus.publish(TOPIC, JSON.stringify({ uid, at }), NOT_KEPT).catch(() => {
        this.#count(uid, at);
      });
  }

  /** The bars of a user that are not older than the chart, the oldest first; none for times without requests. */
  barsOf(uid: string, now: number): Bar[] {
    return [...(this.#bars.get(uid) ?? [])].filter(([start]) => start > oldest(now)).sort(([a], [b]) => a - b);
  }

  #hear(body: string): void {
    const { uid, at } = access.parse(JSON.parse(body));
    this.#count(uid, at);
  }

  #count(uid: string, at: number): void {
    const bars = this.#bars.get(uid) ?? new Map<number, number>();
    const start = at - (at % STEP);
    bars.set(start, (bars.get(start) ?? 0) + 1);
    for (const old of bars.keys()) if (old <= oldest(at)) bars.delete(old);
    this.#bars.set(uid, bars);
  }
}

function oldest(now: number): number {
  return now - BARS * STEP;
}
