import type { Bus } from 'sessions-jwt/live';
import type { ServerStorage, TokenStorage } from './storage.js';

/** ms that one bar of the chart stands for, and how many bars are kept. */
export const STEP = 30_000;
const BARS = 20;

const TOPIC = 'console.activity';
const NOT_KEPT = { limit: 0, life: 1 };

/** A bar of the chart: when it begins (ms timestamp), and how many requests came in its time. */
export type Bar = readonly [start: number, count: number];

/** Counts the requests of each user over the last minutes. With a bus, processes count those of the others too. */
export class ActivityLog {
  readonly #bus: Bus | undefined;
  /** By user, the one who was active last at the end. */
  readonly #bars = new Map<string, Map<number, number>>();
  #isListening = false;

  constructor(bus: Bus | undefined, { events, clock }: ServerStorage | TokenStorage) {
    this.#bus = bus;
    events.on('accessed', ({ uid, passive }) => {
      if (uid !== undefined && !passive) this.#add(uid, clock.now());
    });
    // Without the bus, the process counts its own requests only.
    if (bus !== undefined) this.#listen(bus).catch(() => undefined);
  }

  /** The bars of a user that are not older than the chart, the oldest first; none for times without requests. */
  barsOf(uid: string, now: number): Bar[] {
    return [...(this.#bars.get(uid) ?? [])].filter(([start]) => start > oldest(now)).sort(([a], [b]) => a - b);
  }

  async #listen(bus: Bus): Promise<void> {
    const connection = await bus.connect({
      message: ({ body }) => {
        const [, at, uid = ''] = /^(\d+) (.*)$/s.exec(body) ?? [];
        if (at !== undefined) this.#count(uid, Number(at));
      },
      missed: () => undefined,
    });
    await connection.listen(TOPIC);
    this.#isListening = true;
  }

  #add(uid: string, at: number): void {
    // A message reaches this process, too.
    if (this.#isListening) this.#bus?.publish(TOPIC, `${at} ${uid}`, NOT_KEPT).catch(() => this.#count(uid, at));
    else this.#count(uid, at);
  }

  #count(uid: string, at: number): void {
    const bars = this.#bars.get(uid) ?? new Map<number, number>();
    const start = at - (at % STEP);
    bars.set(start, (bars.get(start) ?? 0) + 1);
    for (const old of bars.keys()) if (old <= oldest(at)) bars.delete(old);
    this.#bars.delete(uid);
    this.#bars.set(uid, bars);
    for (const [other, theirs] of this.#bars) {
      if (Math.max(...theirs.keys()) > oldest(at)) break;
      this.#bars.delete(other);
    }
  }
}

function oldest(now: number): number {
  return now - BARS * STEP;
}
