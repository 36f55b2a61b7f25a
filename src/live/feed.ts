import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../lib/id.js';
import type { Bus, BusConnection, BusHistory, BusKeeping, BusListener, BusMessage } from '../ports/bus.js';
import { type Envelope, sealEnvelope } from './envelope.js';
import { CONTROL, echoTopic } from './topics.js';

/** How many topics one look into the history covers. */
const TOPICS_AT_ONCE = 100;
/** How many messages wait while this process catches up. Beyond that, some count as missed. */
const MOST_HELD = 10_000;
const RETRY_PAUSE = 1_000;
/** How many messages between processes are kept for one that was away. */
const MOST_CONTROL = 1_000;
/** An echo is of no use to anybody later. */
const ECHO: BusKeeping = { limit: 0, life: 1 };

/** What a feed reports. */
export interface FeedListener {
  /** `isLate`: it was found in the history, after the bus was away. */
  message(message: BusMessage, isLate: boolean): void;
  /** Messages of these topics may be lost. */
  lost(topics: readonly string[]): void;
  /** The bus was away, and is back. */
  recovered(): void;
}

/**
 * This process's side of the bus: listens to the topics that streams need, and catches up after the bus was away. Each message is
 * reported once.
 */
export class Feed implements BusListener {
  readonly #bus: Bus;
  readonly #keeping: BusKeeping;
  readonly #listener: FeedListener;
  /** How many streams need each topic. */
  readonly #uses = new Map<string, number>();
  /** The topics that are not listened to yet, or could not be. */
  readonly #pending = new Map<string, Promise<void>>();
  readonly #echo = echoTopic(newId());
  #connection: Promise<BusConnection> | undefined;
  #isClosed = false;
  /**
   * The positions of the last two echoes that arrived. What was published before the first of them has arrived too. The position of the bus
   * would not say so: the connection that hears may be broken while others work. While nothing is listened to, there are none.
   */
  #marks: [settled: string | undefined, latest: string | undefined] = [undefined, undefined];
  /** What was reported since each of the two, so that catching up repeats nothing. */
  #reported: [older: Set<string>, newer: Set<string>] = [new Set(), new Set()];
  /** What arrives while catching up; `undefined` at other times. */
  #held: BusMessage[] | undefined;
  #isAwayAgain = false;

  constructor(bus: Bus, keeping: BusKeeping, listener: FeedListener) {
    this.#bus = bus;
    this.#keeping = keeping;
    this.#listener = listener;
  }

  /** Sends to every process. @throws StoreUnavailable */
  async publish(topic: string, envelope: Envelope): Promise<string> {
    const { limit, life } = this.#keeping;
    const keeping = topic === CONTROL ? { limit: MOST_CONTROL, life } : { limit, life };
    return await this.#bus.publish(topic, sealEnvelope(envelope), keeping);
  }

  /** @throws StoreUnavailable */
  async history(topics: readonly string[], after: string): Promise<BusHistory> {
    return await this.#bus.history(topics, after);
  }

  /** The position now. @throws StoreUnavailable */
  async position(): Promise<string> {
    return await this.#bus.position();
  }

  /** A position up to which everything has arrived here; `undefined` if none is known yet. */
  get settled(): string | undefined {
    return this.#marks[0];
  }

  /** Resolves once messages of these topics arrive. @throws StoreUnavailable; then nothing is listened to */
  async listen(topics: readonly string[]): Promise<void> {
    const connection = await this.#connected();
    if (this.#marks[1] === undefined) await this.#beginAnew();
    for (const topic of topics) {
      const uses = this.#uses.get(topic) ?? 0;
      this.#uses.set(topic, uses + 1);
      if (uses === 0) this.#begin(connection, topic);
    }
    const outcomes = await Promise.allSettled(topics.map((topic) => this.#pending.get(topic)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return;
    this.unlisten(topics);
    throw failed.reason;
  }

  unlisten(topics: readonly string[]): void {
    for (const topic of topics) {
      const uses = this.#uses.get(topic) ?? 0;
      if (uses > 1) this.#uses.set(topic, uses - 1);
      if (uses !== 1) continue;
      this.#uses.delete(topic);
      this.#pending.delete(topic);
      if (this.#uses.size === 0) this.#marks = [undefined, undefined];
      void this.#connection?.then((connection) => {
        if (!this.#uses.has(topic)) connection.unlisten(topic);
      }, ignore);
    }
  }

  /** Call it regularly: catching up reaches back to the last call but one that the bus answered. Never throws. */
  async tick(): Promise<void> {
    if (this.#connection === undefined || this.#isClosed) return;
    await this.#bus.publish(this.#echo, '', ECHO).catch(ignore);
  }

  message(message: BusMessage): void {
    if (message.topic === this.#echo) this.#mark(message.position);
    else if (this.#held === undefined) this.#report(message);
    else if (this.#held.length < MOST_HELD) this.#held.push(message);
    else this.#isAwayAgain = true;
  }

  missed(): void {
    if (this.#held === undefined) void this.#catchUp();
    else this.#isAwayAgain = true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#uses.clear();
    this.#pending.clear();
    const connection = await this.#connection?.catch(ignore);
    await connection?.close();
  }

  #begin(connection: BusConnection, topic: string): void {
    const ready = connection.listen(topic);
    this.#pending.set(topic, ready);
    ready.then(() => {
      if (this.#pending.get(topic) === ready) this.#pending.delete(topic);
    }, ignore);
  }

  #connected(): Promise<BusConnection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<BusConnection> {
    try {
      // Read first: if it fails, no connection is left open.
      const latest = await this.#bus.position();
      const connection = await this.#bus.connect(this);
      this.#marks = [undefined, latest];
      await connection.listen(this.#echo).catch(async (error: unknown) => {
        await connection.close();
        throw error;
      });
      return connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  /** What was published before anything was listened to is of no interest. @throws StoreUnavailable */
  async #beginAnew(): Promise<void> {
    const latest = await this.#bus.position();
    // Another call may have begun meanwhile.
    if (this.#marks[1] === undefined) this.#marks = [undefined, latest];
  }

  /** While catching up, what was published before has not all been reported. */
  #mark(position: string): void {
    if (this.#held !== undefined) return;
    this.#marks = [this.#marks[1], position];
    this.#reported = [this.#reported[1], new Set()];
  }

  #report(message: BusMessage, isLate = false): void {
    const key = `${message.topic} ${message.position}`;
    if (this.#reported[0].has(key) || this.#reported[1].has(key)) return;
    this.#reported[1].add(key);
    this.#listener.message(message, isLate);
  }

  async #catchUp(): Promise<void> {
    do {
      this.#isAwayAgain = false;
      this.#held ??= [];
      const after = this.#marks[0] ?? this.#marks[1];
      const topics = [...this.#uses.keys()];
      const lost: string[] = [];
      for (let start = 0; start < topics.length; start += TOPICS_AT_ONCE) {
        const some = topics.slice(start, start + TOPICS_AT_ONCE);
        if (!(await this.#readUp(some, after))) lost.push(...some);
      }
      // Together: a stream listens to several topics, and is told once.
      if (lost.length > 0) this.#listener.lost(lost);
      for (const message of this.#held) this.#report(message);
      this.#held = this.#isAwayAgain ? [] : undefined;
    } while (this.#isAwayAgain && !this.#isClosed);
    if (!this.#isClosed) this.#listener.recovered();
  }

  /** Returns false if messages may be lost. */
  async #readUp(topics: readonly string[], after: string | undefined): Promise<boolean> {
    while (!this.#isClosed) {
      try {
        const { messages, isComplete } =
          after === undefined ? { messages: [], isComplete: false } : await this.#bus.history(topics, after);
        for (const message of messages) this.#report(message, true);
        return isComplete;
      } catch {
        await pause(RETRY_PAUSE, undefined, { ref: false });
      }
    }
    return true;
  }
}

function ignore(): undefined {
  return undefined;
}
