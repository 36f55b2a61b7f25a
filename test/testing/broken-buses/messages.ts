import type { MemoryBus } from '../../../src/live/memory-bus.js';
import type { Bus, BusConnection, BusListener } from '../../../src/ports/bus.js';
import { type BrokenBus, broken, connecting, mishearing } from './broken-bus.js';

const HOUR = 3_600_000;

/** Changes the answer of `history`. */
function remembering(
  change: (
    answer: Awaited<ReturnType<Bus['history']>>,
    topics: readonly string[],
  ) => Awaited<ReturnType<Bus['history']>>,
): (intact: MemoryBus) => Partial<Bus> {
  return (intact) => ({ history: async (topics, after) => change(await intact.history(topics, after), topics) });
}

const heard = (listener: Parameters<Bus['connect']>[0]): Parameters<Bus['connect']>[0] => listener;

export const messages: readonly BrokenBus[] = [
  broken(
    'changes positions on the way',
    "publish: reaches every connection that listens to the topic, this process's own included",
    mishearing((message) => [{ ...message, position: `${message.position}x` }]),
  ),
  broken(
    'takes topics for the same regardless of case',
    'publish: does not reach a connection that listens to other topics, however similar',
    (intact) => ({
      publish: (topic, body, keep) => intact.publish(topic.toLowerCase(), body, keep),
      ...connecting(heard, (connection) => ({ listen: (topic) => connection.listen(topic.toLowerCase()) }))(intact),
    }),
  ),
  broken(
    'delivers in another order',
    'publish: keeps the order of publication in each topic, also when several processes publish at the same time',
    connecting((listener) => {
      let held: Parameters<typeof listener.message>[0] | undefined;
      return {
        message: (message) => {
          if (message.body === '1') held = message;
          else listener.message(message);
          if (held !== undefined && message.body === '2') listener.message(held);
        },
        missed: () => {},
      };
    }),
  ),
  broken(
    'has positions with other characters',
    'publish: returns a position of 1 to 64 characters of A-Z a-z 0-9 . _ -, which no other message has',
    (intact) => ({ publish: async (...args) => `${await intact.publish(...args)}:0` }),
  ),
  broken(
    'cuts bodies at the first null character',
    'publish: delivers and keeps any well-formed string, character by character',
    (intact) => ({ publish: (topic, body, keep) => intact.publish(topic, body.split('\u0000')[0] ?? '', keep) }),
  ),
  broken('cuts topics', 'publish: takes topics of 1 to 320 characters', (intact) => ({
    publish: (topic, body, keep) => intact.publish(topic.slice(0, 255), body, keep),
    ...connecting(heard, (connection) => ({ listen: (topic) => connection.listen(topic.slice(0, 255)) }))(intact),
  })),
  broken('delivers only what it keeps', 'publish: also delivers what is not kept', (intact) => ({
    publish: async (topic, body, keep) => (keep.limit === 0 ? '0' : intact.publish(topic, body, keep)),
  })),
  broken(
    'repeats what was published before',
    'connect: listen resolves once every later message reaches the listener, and none of before',
    (intact) => {
      const start = intact.position();
      return {
        connect: async (listener) => {
          const connection = await intact.connect(listener);
          const listen = async (topic: string): Promise<void> => {
            await connection.listen(topic);
            for (const message of (await intact.history([topic], await start)).messages) listener.message(message);
          };
          return { ...connection, listen };
        },
      };
    },
  ),
  broken('counts how often it listens', 'connect: listen has no effect twice', (intact) => {
    const counts = new Map<string, number>();
    return connecting(heard, (connection) => ({
      listen: async (topic) => {
        counts.set(topic, (counts.get(topic) ?? 0) + 1);
        await connection.listen(topic);
      },
      unlisten: (topic) => {
        counts.set(topic, (counts.get(topic) ?? 1) - 1);
        if (counts.get(topic) === 0) connection.unlisten(topic);
      },
    }))(intact);
  }),
  broken(
    'listens for ever',
    'connect: unlisten stops one topic of one connection',
    connecting(heard, () => ({ unlisten() {} })),
  ),
  broken(
    'stops later',
    'connect: listens again right after unlisten',
    connecting(heard, (connection) => ({
      unlisten: (topic) => void Promise.resolve().then(() => connection.unlisten(topic)),
    })),
  ),
  broken(
    'closes no connection',
    'connect: close stops the connection, may be called twice, and leaves others open',
    connecting(heard, () => ({ close: async () => undefined })),
  ),
  broken(
    'listens with a connection that was closed',
    'connect: listen rejects with StoreUnavailable after the connection was closed',
    connecting(heard, (connection, intact) => ({
      listen: async (topic) => {
        await connection.listen(topic).catch(() => intact.position());
      },
    })),
  ),
  broken(
    'has one connection for each listener',
    'connect: connections with the same listener are independent',
    (intact) => {
      const connections = new Map<BusListener, Promise<BusConnection>>();
      return {
        connect: (listener) => {
          const connection = connections.get(listener) ?? intact.connect(listener);
          connections.set(listener, connection);
          return connection;
        },
      };
    },
  ),
  broken(
    'returns the latest first',
    'history: returns the messages after a position, in their order, with their topics and positions',
    remembering((answer) => ({ ...answer, messages: [...answer.messages].reverse() })),
  ),
  broken(
    'returns topic after topic',
    'history: covers several topics in the order of publication, and no others',
    remembering((answer, topics) => ({
      ...answer,
      messages: topics.flatMap((topic) => answer.messages.filter((message) => message.topic === topic)),
    })),
  ),
  broken(
    'has a position that is not now',
    'history: after the position now has only what is published later',
    (intact) => {
      const start = intact.position();
      return { position: () => start };
    },
  ),
  broken(
    'does not notice what is gone',
    'history: has the last `limit` messages, and is incomplete when an older one is gone',
    remembering((answer) => ({ ...answer, isComplete: true })),
  ),
  broken(
    'keeps one message at least',
    'history: has no message that was published with limit 0, and is incomplete before it',
    (intact) => ({
      publish: (topic, body, keep) => intact.publish(topic, body, { ...keep, limit: Math.max(1, keep.limit) }),
    }),
  ),
  broken(
    'takes unknown positions for the start',
    'history: is incomplete after a position that is malformed or unknown',
    remembering((answer) => ({ ...answer, isComplete: answer.messages.length === 0 })),
  ),
  broken(
    'keeps messages for ever',
    'history: is incomplete when messages became too old, also when the topic has new ones',
    (intact) => ({ publish: (topic, body, { limit }) => intact.publish(topic, body, { limit, life: HOUR }) }),
  ),
];
