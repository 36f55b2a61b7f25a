import { type Channel, channel } from 'node:diagnostics_channel';
import { kindOf } from './kind-of.js';
import { isThenable } from './thenable.js';
import { warn } from './warn.js';

/**
 * One event of one emitter: its listeners, and its channel of `node:diagnostics_channel`. All emitters share the
 * channel.
 */
export class Topic<Event> {
  readonly listeners: Set<(event: Event) => unknown> = new Set<(event: Event) => unknown>();
  readonly channel: Channel;

  constructor(name: string) {
    this.channel = channel(`sessions-jwt:${name}`);
  }
}

/** The topic of each event. */
export type Topics<Events> = { readonly [Name in keyof Events]: Topic<Events[Name]> };

/**
 * Events. Listeners are called synchronously, in the order in which they were added. If one throws, or returns a promise
 * that rejects, the request and the other listeners continue, and a process warning (`SESSIONS_LISTENER_FAILED`) is
 * emitted.
 *
 * For tools that watch a whole process, each event is also published on the channel `sessions-jwt:<name>` of
 * `node:diagnostics_channel`.
 */
export class Emitter<Events> {
  readonly #topics: Topics<Events>;

  /** @internal */
  constructor(topics: Topics<Events>) {
    this.#topics = topics;
  }

  /** @internal The names of all events. */
  get names(): readonly Extract<keyof Events, string>[] {
    return Object.keys(this.#topics).filter((name) => this.#has(name));
  }

  /**
   * Calls `listener` for each event of this name. Returns a function that removes it.
   * @throws TypeError for an unknown name, or if `listener` is not a function
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => unknown): () => void {
    if (!this.#has(name)) {
      throw new TypeError(
        `events.on: there is no event ${JSON.stringify(name)}: the events are ${this.names.join(', ')}`,
      );
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`events.on(${JSON.stringify(name)}): expected a function, got ${kindOf(listener)}`);
    }
    const { listeners } = this.#topics[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** @internal Whether anything listens. Events of every request are emitted only then, because they cost time. */
  isHeard(name: keyof Events): boolean {
    const { listeners, channel } = this.#topics[name];
    return listeners.size > 0 || channel.hasSubscribers;
  }

  /** @internal */
  emit<Name extends Extract<keyof Events, string>>(name: Name, event: Events[Name]): void {
    const { listeners, channel } = this.#topics[name];
    if (channel.hasSubscribers) channel.publish(event);
    for (const listener of listeners) {
      try {
        const result = listener(event);
        // A rejection that nobody handles would end the process.
        if (isThenable(result)) result.then(undefined, (error: unknown) => warnOfListener(name, error));
      } catch (error) {
        warnOfListener(name, error);
      }
    }
  }

  #has(name: PropertyKey): name is Extract<keyof Events, string> {
    return Object.hasOwn(this.#topics, name);
  }
}

function warnOfListener(name: string, error: unknown): void {
  warn(
    'SESSIONS_LISTENER_FAILED',
    `a listener for "${name}" threw ${error instanceof Error ? error.name : typeof error}`,
  );
}
