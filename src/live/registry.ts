import { type Concerned, mean, type SessionNames } from './concerned.js';
import type { Connection } from './connection.js';
import { EVERYONE, sessionTopic, userTopic } from './topics.js';

/** The open streams of this process, by the topics that they listen to. */
export class Registry {
  /** By topic, and by the id of the session where that is not its lineage. */
  readonly #byKey = new Map<string, Connection[]>();
  readonly #all = new Set<Connection>();

  get size(): number {
    return this.#all.size;
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    for (const key of keysOf(connection)) {
      const list = this.#byKey.get(key);
      if (list === undefined) this.#byKey.set(key, [connection]);
      else list.push(connection);
    }
  }

  /** Returns whether it was there. */
  remove(connection: Connection): boolean {
    if (!this.#all.delete(connection)) return false;
    for (const key of keysOf(connection)) {
      const list = this.#byKey.get(key) ?? [];
      // In place: a copy for each of a user's 10,000 streams would take most of the time of their end.
      list.splice(list.indexOf(connection), 1);
      if (list.length === 0) this.#byKey.delete(key);
    }
    return true;
  }

  /** The streams that listen to a topic. A copy, because closing them changes the list. */
  ofTopic(topic: string): readonly Connection[] {
    return topic === EVERYONE ? [...this.#all] : [...(this.#byKey.get(topic) ?? [])];
  }

  /** The streams that listen to any of these topics. */
  ofTopics(topics: readonly string[]): readonly Connection[] {
    // Otherwise, all topics of 10,000 streams are looked up in one turn of the event loop.
    if (topics.includes(EVERYONE)) return this.all();
    return [...new Set(topics.flatMap((topic) => this.ofTopic(topic)))];
  }

  /** The streams of a session. */
  ofSession(lineage: string): readonly Connection[] {
    return this.ofTopic(sessionTopic(lineage));
  }

  /** The streams that a session opened while it had this id. */
  ofId(id: string): readonly Connection[] {
    return [...this.ofSession(id).filter((connection) => connection.id === id), ...this.ofTopic(idKey(id))];
  }

  /** The streams of a user. */
  ofUser(uid: string): readonly Connection[] {
    return this.ofTopic(userTopic(uid));
  }

  /** All streams. */
  all(): readonly Connection[] {
    return [...this.#all];
  }

  /** The streams of sessions by their names. */
  named(names: SessionNames): Concerned {
    return { connections: this.#candidates(names), includes: (connection) => mean(names, connection) };
  }

  /** The stream of a tab. */
  find(lineage: string, instance: string): Connection | undefined {
    return this.#byKey.get(sessionTopic(lineage))?.find((connection) => connection.instance === instance);
  }

  #candidates({ lineage, id, uid }: SessionNames): readonly Connection[] {
    if (lineage !== undefined) return this.ofSession(lineage);
    if (id !== undefined) return this.ofId(id);
    return uid === undefined ? this.all() : this.ofUser(uid);
  }
}

function keysOf({ topics, id, lineage }: Connection): string[] {
  const own = topics.filter((topic) => topic !== EVERYONE);
  return id === lineage ? own : [...own, idKey(id)];
}

function idKey(id: string): string {
  return `id.${id}`;
}
