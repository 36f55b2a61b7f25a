import { digestOf } from '../../../lib/digest.js';

/**
 * The keys of a bus. All of them are in one slot of a cluster, because of the part in braces: one script can use several of them, and one node's
 * clock orders all messages.
 */
export class BusKeys {
  readonly #start: string;

  constructor(prefix: string) {
    this.#start = `${prefix}{bus}:`;
  }

  /** The epoch, and the number of the last message: a hash. */
  get state(): string {
    return `${this.#start}state`;
  }

  /** The kept messages of a topic: a stream. Also the name of its channel. */
  topic(topic: string): string {
    return `${this.#start}topic:${digestOf(topic)}`;
  }

  /** The numbers of the last message of a topic, and of the last one that is no longer kept: a hash. */
  mark(topic: string): string {
    return `${this.topic(topic)}:mark`;
  }

  value(key: string): string {
    return `${this.#start}value:${digestOf(key)}`;
  }

  lineageOf(id: string): string {
    return `${this.#start}id:${digestOf(id)}`;
  }

  /** What is known of all tabs: a hash, their activity, when they are forgotten, and the same of users: sorted sets. */
  get activity(): string[] {
    return ['tabs', 'tabs:at', 'tabs:until', 'users', 'users:until'].map((name) => this.#start + name);
  }

  /** The tabs of a session: a sorted set. */
  session(lineage: string): string {
    return `${this.#start}session:${digestOf(lineage)}`;
  }
}
