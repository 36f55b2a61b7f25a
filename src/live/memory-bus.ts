import { randomBytes } from 'node:crypto';
import { StoreUnavailable } from '../errors.js';
import type {
  Bus,
  BusConnection,
  BusHistory,
  BusKeeping,
  BusListener,
  BusMessage,
  TabActivity,
  TabSign,
  UserActivity,
} from '../ports/bus.js';
import { partsOf, positionOf } from '../ports/bus-position.js';
import { LastingMap } from './lasting-map.js';
import { MemoryTabs } from './memory-tabs.js';

interface Numbered {
  readonly number: number;
  readonly message: BusMessage;
}

interface Kept {
  messages: readonly Numbered[];
  /** The number of the last message that is no longer kept; 0 = none. */
  dropped: number;
}

/** A bus within this process. What it keeps is gone when the process ends. */
export class MemoryBus implements Bus {
  readonly reach = 'process';
  /** So that the positions of other processes, and of earlier ones, are unknown. */
  readonly #epoch = randomBytes(6).toString('base64url');
  /** By topic. The lists are replaced, never changed: topics share them. */
  readonly #listeners = new Map<string, readonly BusListener[]>();
  readonly #kept = new LastingMap<Kept>(({ messages }) => {
    this.#forgotten = Math.max(this.#forgotten, messages.at(-1)?.number ?? 0);
  });
  readonly #values = new LastingMap<string>();
  readonly #lineages = new LastingMap<string>();
  readonly #tabs = new MemoryTabs();
  #last = 0;
  /** The number of the last message of a topic of which nothing is kept any more. */
  #forgotten = 0;
  #isClosed = false;

  async publish(topic: string, body: string, { limit, life }: BusKeeping): Promise<string> {
    this.#assertOpen();
    this.#last += 1;
    const message = { topic, position: positionOf(this.#epoch, this.#last), body };
    this.#keep({ number: this.#last, message }, limit, life);
    for (const listener of this.#listeners.get(topic) ?? []) listener.message(message);
    return message.position;
  }

  async connect(listener: BusListener): Promise<BusConnection> {
    this.#assertOpen();
    /** The listener of this connection alone: another connection may have the same one. */
    const ear: BusListener = { message: (message) => listener.message(message), missed: () => listener.missed() };
    /** The list of each topic that only this connection listens to. */
    const alone: readonly BusListener[] = [ear];
    let isClosed = false;
    const unlisten = (topic: string): void => {
      const left = this.#listeners.get(topic)?.filter((one) => one !== ear) ?? [];
      if (left.length === 0) this.#listeners.delete(topic);
      else this.#listeners.set(topic, left);
    };
    return {
      listen: async (topic) => {
        this.#assertOpen();
        if (isClosed) throw new StoreUnavailable('the connection was closed');
        const others = this.#listeners.get(topic);
        if (others === undefined) this.#listeners.set(topic, alone);
        else if (!others.includes(ear)) this.#listeners.set(topic, [...others, ear]);
      },
      unlisten,
      close: async () => {
        isClosed = true;
        for (const topic of [...this.#listeners.keys()]) unlisten(topic);
      },
    };
  }

  async position(): Promise<string> {
    this.#assertOpen();
    return positionOf(this.#epoch, this.#last);
  }

  async history(topics: readonly string[], after: string): Promise<BusHistory> {
    this.#assertOpen();
    const number = this.#numberOf(after);
    if (number === undefined) return { messages: [], isComplete: false };
    const kept = topics.map((topic) => this.#kept.get(topic)).filter((one) => one !== undefined);
    const messages = kept
      .flatMap((one) => one.messages.filter((each) => each.number > number))
      .sort((a, b) => a.number - b.number)
      .map(({ message }) => message);
    return { messages, isComplete: number >= this.#forgotten && kept.every(({ dropped }) => number >= dropped) };
  }

  async put(key: string, value: string, life: number): Promise<void> {
    this.#assertOpen();
    this.#values.set(key, value, life);
  }

  async take(key: string): Promise<string | undefined> {
    this.#assertOpen();
    const found = this.#values.get(key);
    this.#values.delete(key);
    return found;
  }

  async stamp(signs: readonly TabSign[], life: number): Promise<void> {
    this.#assertOpen();
    for (const sign of signs) this.#tabs.stamp(sign, life);
  }

  async tabs(lineage: string): Promise<readonly TabActivity[]> {
    this.#assertOpen();
    return this.#tabs.ofSession(lineage);
  }

  async allTabs(since: number, limit: number): Promise<readonly TabActivity[]> {
    this.#assertOpen();
    return this.#tabs.active(since).slice(0, limit);
  }

  async users(since: number, limit: number): Promise<readonly UserActivity[]> {
    this.#assertOpen();
    return this.#tabs.activeUsers(since).slice(0, limit);
  }

  async countUsers(since: number): Promise<number> {
    this.#assertOpen();
    return this.#tabs.activeUsers(since).length;
  }

  async nameLineage(id: string, lineage: string, life: number): Promise<void> {
    this.#assertOpen();
    this.#lineages.set(id, lineage, life);
  }

  async lineageOf(id: string): Promise<string | undefined> {
    this.#assertOpen();
    return this.#lineages.get(id);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    for (const map of [this.#kept, this.#values, this.#lineages, this.#tabs]) map.clear();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable('the bus was closed');
  }

  #numberOf(position: string): number | undefined {
    const parts = partsOf(position);
    return parts?.epoch === this.#epoch && parts.number <= this.#last ? parts.number : undefined;
  }

  #keep(latest: Numbered, limit: number, life: number): void {
    const { topic } = latest.message;
    const { messages, dropped } = this.#kept.get(topic) ?? { messages: [], dropped: 0 };
    const all = [...messages, latest];
    const kept = limit === 0 ? [] : all.slice(-limit);
    this.#kept.set(
      topic,
      {
        messages: kept,
        dropped: kept.length === all.length ? dropped : (all.at(-limit - 1)?.number ?? latest.number),
      },
      life,
    );
  }
}
