import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../../errors.js';
import { within } from '../../../lib/deadline.js';
import { unavailable } from '../failure.js';
import type { Subscriber, SubscriberEvents } from './subscriber.js';

/** ms between two PINGs: a connection that broke silently must be noticed. */
const BEAT = 1_000;
/** ms between attempts to connect: the shortest, which doubles, and the longest. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;
/** The maximum number of channels in one command. */
const AT_ONCE = 1_000;

/** What a subscription reports. */
export interface SubscriptionEvents {
  message(channel: string, text: string): void;
  /** The connection was lost, and every channel is listened to again. */
  restored(): void;
}

/**
 * Listens to channels on one connection, and replaces that when it breaks or does not answer. It does not rely on the reconnecting of the client, because
 * that does not say reliably when all channels are listened to again.
 */
export class Subscription {
  readonly #open: (events: SubscriberEvents, attempt: number) => Promise<Subscriber>;
  readonly #deadline: number;
  readonly #events: SubscriptionEvents;
  readonly #channels = new Set<string>();
  /** Channels that are being left: a client of `redis` may ignore that one is listened to again before. */
  readonly #leaving = new Map<string, Promise<unknown>>();
  #current: Promise<Subscriber> | undefined;
  /**
   * The connection whose messages are passed on: a new one only once `restored` was called. What it hears before is later than what was missed,
   * and must not overtake that.
   */
  #heard: Subscriber | undefined;
  #beat: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isClosed = false;

  /** `deadline`: ms for an answer of Redis. */
  constructor(
    open: (events: SubscriberEvents, attempt: number) => Promise<Subscriber>,
    deadline: number,
    events: SubscriptionEvents,
  ) {
    this.#open = open;
    this.#deadline = deadline;
    this.#events = events;
  }

  /** Connects, if that was not done yet. @throws StoreUnavailable */
  async start(): Promise<void> {
    if (this.#current === undefined) {
      const opening = this.#started();
      this.#current = opening;
      opening.catch(() => {
        if (this.#current === opening) this.#current = undefined;
      });
      this.#beat ??= setInterval(() => void this.#check(), BEAT).unref();
    }
    await this.#answer(this.#current);
  }

  /**
   * If it rejects, call `unlisten`, unless somebody else listens to the channel by then.
   * @throws StoreUnavailable when the channel is not listened to within the deadline
   */
  async listen(channel: string): Promise<void> {
    if (this.#isClosed || this.#current === undefined) throw new StoreUnavailable('the RedisBus was closed');
    this.#channels.add(channel);
    await this.#answer(this.#subscribe(this.#current, channel));
  }

  unlisten(channel: string): void {
    this.#channels.delete(channel);
    // If that fails, the connection broke.
    const leaving = this.#current?.then((subscriber) => subscriber.unsubscribe(channel)).catch(ignore);
    if (leaving === undefined) return;
    this.#leaving.set(channel, leaving);
    void leaving.then(() => {
      if (this.#leaving.get(channel) === leaving) this.#leaving.delete(channel);
    });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#beat);
    this.#current?.then((subscriber) => subscriber.close(), ignore);
  }

  async #subscribe(current: Promise<Subscriber>, channel: string): Promise<void> {
    await this.#leaving.get(channel);
    await (await current).subscribe([channel]);
  }

  async #started(): Promise<Subscriber> {
    this.#heard = await this.#connected();
    return this.#heard;
  }

  /** A connection that listens to every channel. */
  async #connected(): Promise<Subscriber> {
    let isLost = false;
    let lose: () => void = ignore;
    const loss = new Promise<never>((_, reject) => {
      lose = () => reject(new StoreUnavailable('Redis failed: the connection broke'));
    });
    loss.catch(ignore);
    const attempt = this.#attempts++;
    const subscriber = await this.#open(
      {
        message: (channel, text) => {
          if (!isLost && this.#heard === subscriber && this.#channels.has(channel)) this.#events.message(channel, text);
        },
        lost: () => {
          if (isLost) return;
          isLost = true;
          lose();
          this.#lost(subscriber);
        },
      },
      attempt,
    );
    try {
      await this.#answer(Promise.race([loss, this.#subscribed(subscriber)]));
      return subscriber;
    } catch (error) {
      isLost = true;
      subscriber.close();
      throw error;
    }
  }

  async #subscribed(subscriber: Subscriber): Promise<void> {
    await subscriber.connect();
    const channels = [...this.#channels];
    for (let at = 0; at < channels.length; at += AT_ONCE) await subscriber.subscribe(channels.slice(at, at + AT_ONCE));
  }

  #lost(subscriber: Subscriber): void {
    subscriber.close();
    const before = this.#current;
    // A connection that is still being opened fails by itself.
    void before?.then((current) => {
      if (current === subscriber && this.#current === before && !this.#isClosed) this.#current = this.#restored();
    }, ignore);
  }

  async #restored(): Promise<Subscriber> {
    for (let longest = SHORTEST_PAUSE; ; longest = Math.min(longest * 2, LONGEST_PAUSE)) {
      if (this.#isClosed) throw new StoreUnavailable('the RedisBus was closed');
      try {
        const subscriber = await this.#connected();
        if (this.#isClosed) subscriber.close();
        else queueMicrotask(() => this.#restore(subscriber));
        return subscriber;
      } catch {
        await pause(longest, undefined, { ref: false });
      }
    }
  }

  #restore(subscriber: Subscriber): void {
    this.#events.restored();
    this.#heard = subscriber;
  }

  async #check(): Promise<void> {
    const current = this.#current;
    const subscriber = await current?.catch(ignore);
    if (subscriber === undefined || current !== this.#current) return;
    await within(this.#deadline, 'Redis', subscriber.ping()).catch(() => this.#lost(subscriber));
  }

  async #answer<Reply>(work: Promise<Reply>): Promise<Reply> {
    try {
      return await within(this.#deadline, 'Redis', work);
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : unavailable(error);
    }
  }
}

function ignore(): undefined {
  return undefined;
}
