import type { BusMessage } from '../ports/bus.js';
import type { Connection } from './connection.js';
import { openEnvelope } from './envelope.js';
import type { Registry } from './registry.js';
import { eventId } from './topics.js';
import { Turns } from './turns.js';
import { frame } from './wire.js';

/** How many streams are written to in one turn of the event loop. A write takes about 10 us, nearly all of it in the kernel. */
const AT_ONCE = 200;

const MISSED = frame('missed', '{}');

/** Writes messages to the streams that they are for. All streams get them in the order in which they arrived. */
export class Dispatcher {
  readonly #registry: Registry;
  readonly #turns = new Turns(AT_ONCE);
  /** What arrived while something goes to many streams; `undefined` at other times. */
  #queue: (() => void)[] | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  dispatch(message: BusMessage): void {
    this.#inOrder(() => {
      const event = eventIn(message);
      if (event === undefined) return;
      this.#deliver(this.#registry.ofTopic(message.topic), (connection) => {
        if (isFor(event, connection)) connection.write(event.block, event.id);
      });
    });
  }

  /** Tells each stream once that messages of these topics may be lost. */
  tellMissed(topics: readonly string[]): void {
    this.#inOrder(() => {
      this.#deliver(this.#registry.ofTopics(topics), (connection) => connection.write(MISSED));
    });
  }

  #inOrder(deliver: () => void): void {
    if (this.#queue === undefined) deliver();
    else this.#queue.push(deliver);
  }

  #deliver(connections: readonly Connection[], write: (connection: Connection) => void): void {
    if (connections.length > AT_ONCE) void this.#deliverToMany(connections, write);
    else for (const connection of connections) write(connection);
  }

  async #deliverToMany(connections: readonly Connection[], write: (connection: Connection) => void): Promise<void> {
    const queue: (() => void)[] = [];
    this.#queue = queue;
    try {
      await this.#turns.each(connections, write);
    } finally {
      this.#queue = undefined;
    }
    // Something else for many fills the next queue.
    for (const deliver of queue) this.#inOrder(deliver);
  }
}

/** An event as it is written to streams. */
interface Event {
  readonly id: string;
  readonly block: Buffer;
  /** The tab that it is for; `undefined`: all. */
  readonly instance: string | undefined;
}

/** The frames of those kept messages that are for one stream, by the ids of their events. */
export function framesOf(messages: readonly BusMessage[], connection: Connection): Map<string, Buffer> {
  const events = messages.map(eventIn).filter((event) => event !== undefined);
  return new Map(events.filter((event) => isFor(event, connection)).map(({ id, block }) => [id, block]));
}

/** The event in a message; `undefined` if it has none. */
function eventIn({ topic, position, body }: BusMessage): Event | undefined {
  const envelope = openEnvelope(body);
  if (envelope?.kind !== 'event') return undefined;
  const id = eventId(topic, position);
  return { id, block: frame(envelope.type, envelope.data, { id }), instance: envelope.instance };
}

function isFor({ instance }: Event, connection: Connection): boolean {
  return instance === undefined || instance === connection.instance;
}
