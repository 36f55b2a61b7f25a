import type { BusMessage } from '../ports/bus.js';
import type { Connection } from './connection.js';
import { type EventEnvelope, openEnvelope } from './envelope.js';
import type { Registry } from './registry.js';
import { eventId } from './topics.js';
import { Turns } from './turns.js';
import { frame } from './wire.js';

/** How many streams are written to in one turn of the event loop. A write takes about 10 us, nearly all of it in the kernel. */
const AT_ONCE = 200;

/** Writes messages to the streams that they are for. All streams get them in the order in which they arrived. */
export class Dispatcher {
  readonly #registry: Registry;
  readonly #turns = new Turns(AT_ONCE);
  /** What arrived while a message goes to many streams; `undefined` at other times. */
  #queue: BusMessage[] | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  dispatch(message: BusMessage): void {
    if (this.#queue !== undefined) {
      this.#queue.push(message);
      return;
    }
    const envelope = openEnvelope(message.body);
    if (envelope?.kind !== 'event') return;
    const connections = this.#registry.ofTopic(message.topic);
    const block = frameOf(message, envelope);
    const write = (connection: Connection): void => {
      if (isFor(envelope, connection.instance)) connection.write(block);
    };
    if (connections.length > AT_ONCE) void this.#deliverToMany(connections, write);
    else for (const connection of connections) write(connection);
  }

  async #deliverToMany(connections: readonly Connection[], write: (connection: Connection) => void): Promise<void> {
    const queue: BusMessage[] = [];
    this.#queue = queue;
    try {
      await this.#turns.each(connections, write);
    } finally {
      this.#queue = undefined;
    }
    // Another message for many fills the next queue.
    for (const message of queue) this.dispatch(message);
  }
}

/** The frame of a kept message for one stream; `undefined` if it is not for that. */
export function blockOf(message: BusMessage, { instance }: Connection): Buffer | undefined {
  const envelope = openEnvelope(message.body);
  if (envelope?.kind !== 'event' || !isFor(envelope, instance)) return undefined;
  return frameOf(message, envelope);
}

function isFor(envelope: EventEnvelope, instance: string): boolean {
  return envelope.instance === undefined || envelope.instance === instance;
}

function frameOf({ topic, position }: BusMessage, { type, data }: EventEnvelope): Buffer {
  return frame(type, data, { id: eventId(topic, position) });
}
