import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BusMessage } from '../ports/bus.js';
import type { Connection } from './connection.js';
import { type EventEnvelope, openEnvelope } from './envelope.js';
import type { Registry } from './registry.js';
import { eventId } from './topics.js';
import { frame } from './wire.js';

/** How many streams are written to in one turn of the event loop. A write takes about 10 us, nearly all of it in the kernel. */
const AT_ONCE = 200;

/** Writes messages to the streams that they are for. All streams get them in the order in which they arrived. */
export class Dispatcher {
  readonly #registry: Registry;
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
    if (connections.length <= AT_ONCE) writeTo(connections, envelope, block);
    else void this.#deliverToMany(connections, envelope, block);
  }

  async #deliverToMany(connections: readonly Connection[], envelope: EventEnvelope, block: Buffer): Promise<void> {
    const queue: BusMessage[] = [];
    this.#queue = queue;
    try {
      for (let start = 0; start < connections.length; start += AT_ONCE) {
        writeTo(connections.slice(start, start + AT_ONCE), envelope, block);
        await nextTurn();
      }
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

function writeTo(connections: readonly Connection[], envelope: EventEnvelope, block: Buffer): void {
  for (const connection of connections) if (isFor(envelope, connection.instance)) connection.write(block);
}

function isFor(envelope: EventEnvelope, instance: string): boolean {
  return envelope.instance === undefined || envelope.instance === instance;
}

function frameOf({ topic, position }: BusMessage, { type, data }: EventEnvelope): Buffer {
  return frame(type, data, { id: eventId(topic, position) });
}
