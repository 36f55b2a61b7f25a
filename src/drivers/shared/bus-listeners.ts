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
  /** Those of the connections that asked for the topic. */
  readonly owners: Set<BusListener>;
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
    /** The listener of this connection alone: another connection may have the same one. */
    const ear: BusListener = { message: (message) => listener.message(message), missed: () => listener.missed() };
    const own = new Set<string>();
    let isClosed = false;
    this.#all.add(ear);
    const unlisten = (topic: string): void => {
      if (own.delete(topic)) this.#leave(topic, ear);
    };
    return {
      listen: async (topic) => {
        if (isClosed || this.#isClosed) throw new StoreUnavailable('the connection was closed');
        own.add(topic);
        await this.#join(topic, ear, () => own.delete(topic));
      },
      unlisten,
      close: async () => {
        isClosed = true;
        this.#all.delete(ear);
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

  async #join(topic: string, ear: BusListener, forget: () => void): Promise<void> {
    const known = this.#topics.get(topic);
    const listened = known ?? { ready: this.#source.listen(topic), owners: new Set(), listeners: new Set() };
    if (known === undefined) this.#topics.set(topic, listened);
    listened.owners.add(ear);
    try {
      await listened.ready;
    } catch (error) {
      // It may have stopped to listen, and begun again, meanwhile.
      if (listened.owners.has(ear)) forget();
      if (this.#topics.get(topic) === listened) {
        this.#topics.delete(topic);
        this.#source.unlisten(topic);
      }
      throw error;
    }
    // It may have stopped to listen meanwhile.
    if (listened.owners.has(ear)) listened.listeners.add(ear);
  }

  #leave(topic: string, ear: BusListener): void {
    const listened = this.#topics.get(topic);
    if (listened === undefined) return;
    listened.owners.delete(ear);
    listened.listeners.delete(ear);
    if (listened.owners.size > 0) return;
    this.#topics.delete(topic);
    this.#source.unlisten(topic);
  }
}
