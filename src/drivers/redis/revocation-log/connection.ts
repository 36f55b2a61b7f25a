import { StoreUnavailable } from '../../../errors.js';
import { hasMethods } from '../../../lib/strict-options.js';
import type { RedisBusClient } from '../bus/subscriber.js';
import type { IoRedisClient, NodeRedisClient } from '../client.js';
import { type Wire, wireOf } from '../wire.js';

/** A connection of a read alone, on which it waits. */
export interface LogConnection {
  readonly wire: Wire;
  connect(): Promise<unknown>;
  /** Resolves when the stream has an entry after this one, and after `ms`. */
  wait(stream: string, after: string, ms: number): Promise<unknown>;
  /** Never throws. What is under way rejects. */
  close(): void;
}

interface OwnIoRedis extends IoRedisClient {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  disconnect(): void;
}

interface OwnNodeRedis extends NodeRedisClient {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  xRead(stream: { key: string; id: string }, options: { COUNT: number; BLOCK: number }): Promise<unknown>;
  destroy(): void;
}

/** A connection with the settings of the client; in a cluster, one to each node that the client needs. */
export function logConnection(client: RedisBusClient): LogConnection {
  return 'call' in client ? ioRedis(client) : nodeRedis(client);
}

function ioRedis(client: RedisBusClient): LogConnection {
  // Without `commandTimeout`, which would end every wait. A lost connection is not restored: the read fails, and its caller reads again.
  const own = hasMethods(client, 'nodes')
    ? duplicate(client, [], {
        lazyConnect: true,
        clusterRetryStrategy: null,
        redisOptions: { commandTimeout: undefined },
      })
    : duplicate(client, { lazyConnect: true, retryStrategy: null, commandTimeout: undefined });
  if (!isOwnIoRedis(own)) throw unusable();
  // Every command that fails says so itself.
  own.on('error', () => {});
  return {
    wire: wireOf(own),
    connect: () => own.connect(),
    wait: (stream, after, ms) => {
      return own.call('XREAD', ['COUNT', '1', 'BLOCK', String(ms), 'STREAMS', stream, after]);
    },
    close: () => own.disconnect(),
  };
}

function nodeRedis(client: RedisBusClient): LogConnection {
  const own = duplicate(client);
  if (!isOwnNodeRedis(own)) throw unusable();
  own.on('error', () => {});
  return {
    wire: wireOf(own),
    connect: () => own.connect(),
    wait: (key, id, ms) => own.xRead({ key, id }, { COUNT: 1, BLOCK: ms }),
    close: () => {
      try {
        own.destroy();
      } catch {
        // It was closed before.
      }
    },
  };
}

function duplicate(client: object, ...settings: unknown[]): unknown {
  return isDuplicable(client) ? client.duplicate(...settings) : undefined;
}

function isDuplicable(value: unknown): value is { duplicate(...settings: unknown[]): unknown } {
  return hasMethods(value, 'duplicate');
}

function isOwnIoRedis(value: unknown): value is OwnIoRedis {
  return hasMethods(value, 'on', 'connect', 'call', 'disconnect');
}

function isOwnNodeRedis(value: unknown): value is OwnNodeRedis {
  return hasMethods(value, 'on', 'connect', 'get', 'eval', 'evalSha', 'xRead', 'destroy');
}

function unusable(): StoreUnavailable {
  return new StoreUnavailable('Redis failed: the client has no connection that can be duplicated');
}
