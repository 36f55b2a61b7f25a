import { StoreUnavailable } from '../../errors.js';
import type { BusConnection, BusListener, BusMessage } from '../../ports/bus.js';

/** Hears topics for all connections of a bus. */
export interface TopicSource {
  /** Resolves once every later message of the topic arrives. Called for the first connection that listens to it. */
  listen(topic: string): Promise<void>;
  /** Called after the last one, and when `listen` rejected. */
  unlisten(topic: string): void;
}

interface Listened {
  readonly ready: Promise<void>;
  /** The connections that asked for the topic. */
  readonly owners: Set<object>;
  /** Those of them that hear it. */
  readonly listeners: Set<BusListener>;
}

/** The connections of one bus: each topic is listened to once, whatever the number of connections. */
export class BusListeners {
  readonly #source: TopicSource;
  readonly #topics = new Map<string, Listened>();
  readonly #all = new Set<BusListener>();
  #isClosed = false;

  constructor(source: TopicSource) {
    this.#source = source;
  }

  connect(listener: BusListener): BusConnection {
    const owner = {};
    const own = new Set<string>();
    let isClosed = false;
    this.#all.add(listener);
    const unlisten = (topic: string): void => {
      if (own.delete(topic)) this.#leave(topic, owner, listener);
    };
    return {
      listen: async (topic) => {
        if (isClosed || this.#isClosed) throw new StoreUnavailable('the connection was closed');
        own.add(topic);
        await this.#join(topic, owner, listener, () => own.delete(topic));
      },
      unlisten,
      close: async () => {
        isClosed = true;
        this.#all.delete(listener);
        for (const topic of [...own]) unlisten(topic);
      },
    };
  }

  /** Whether any connection listens to the topic. */
  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  deliver(message: BusMessage): void {
    for (const listener of [...(this.#topics.get(message.topic)?.listeners ?? [])]) listener.message(message);
  }

  missed(): void {
    for (const listener of [...this.#all]) listener.missed();
  }

  close(): void {
    this.#isClosed = true;
    this.#all.clear();
    this.#topics.clear();
  }

  async #join(topic: string, owner: object, listener: BusListener, forget: () => void): Promise<void> {
    const known = this.#topics.get(topic);
    const listened = known ?? { ready: this.#source.listen(topic), owners: new Set(), listeners: new Set() };
    if (known === undefined) this.#topics.set(topic, listened);
    listened.owners.add(owner);
    try {
      await listened.ready;
    } catch (error) {
      forget();
      if (this.#topics.get(topic) === listened) {
        this.#topics.delete(topic);
        this.#source.unlisten(topic);
      }
      throw error;
    }
    // It may have stopped to listen meanwhile.
    if (listened.owners.has(owner)) listened.listeners.add(listener);
  }

  #leave(topic: string, owner: object, listener: BusListener): void {
    const listened = this.#topics.get(topic);
    if (listened === undefined) return;
    listened.owners.delete(owner);
    listened.listeners.delete(listener);
    if (listened.owners.size > 0) return;
    this.#topics.delete(topic);
    this.#source.unlisten(topic);
  }
}
