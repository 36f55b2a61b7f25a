import { StoreUnavailable } from '../../../errors.js';
import { hasMethods } from '../../../lib/strict-options.js';
import type { IoRedisClient, NodeRedisClient } from '../client.js';

/** The part of an `ioredis` client that a RedisBus uses: of a `Redis` or a `Cluster`. */
export interface IoRedisBusClient extends IoRedisClient {
  /** Makes a client with the same settings, and those that are given. */
  duplicate(override?: object): unknown;
}

/** The part of a `redis` client that a RedisBus uses: of `createClient` or `createCluster`. */
export interface NodeRedisBusClient extends NodeRedisClient {
  /** Makes a client with the same settings. */
  duplicate(): unknown;
}

/** A client that the application connects and closes. */
export type RedisBusClient = IoRedisBusClient | NodeRedisBusClient;

/** What becomes of a connection that hears messages. */
export interface SubscriberEvents {
  message(channel: string, text: string): void;
  /** The connection broke. May be called several times. */
  lost(): void;
}

/** A connection that hears messages. It never reconnects: after a loss, another one is opened. */
export interface Subscriber {
  connect(): Promise<unknown>;
  subscribe(channels: string[]): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  /** Never throws. */
  close(): void;
}

interface IoRedisSubscriber {
  on(event: string, listener: (channel: unknown, text: unknown) => void): unknown;
  connect(): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  ping(): Promise<unknown>;
  disconnect(): void;
}

interface NodeRedisSubscriber {
  on(event: string, listener: () => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channels: string[], listener: (text: unknown, channel: unknown) => void): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  destroy(): void;
}

/**
 * Opens a connection with the settings of the client. In a cluster it is to one of the primaries, another one at each `attempt`: every node
 * hears every message.
 */
export async function openSubscriber(
  client: RedisBusClient,
  events: SubscriberEvents,
  attempt: number,
): Promise<Subscriber> {
  return 'call' in client ? ioRedis(client, events, attempt) : nodeRedis(client, events, attempt);
}

/** What the client puts before the names of keys, and so of channels. */
export function prefixOf(client: RedisBusClient): string {
  return ('call' in client ? client.options?.keyPrefix : undefined) ?? '';
}

function ioRedis(client: IoRedisBusClient, events: SubscriberEvents, attempt: number): Subscriber {
  const source: unknown = pick(client.nodes?.('master') ?? [client], attempt);
  if (!isDuplicable(source)) throw unusable();
  const own = source.duplicate({ lazyConnect: true, keyPrefix: '', retryStrategy: null });
  if (!isIoRedisSubscriber(own)) throw unusable();
  for (const event of ['error', 'close', 'end']) own.on(event, events.lost);
  own.on('message', (channel, text) => events.message(String(channel), String(text)));
  return {
    connect: () => own.connect(),
    subscribe: (channels) => own.subscribe(...channels),
    unsubscribe: (channel) => own.unsubscribe(channel),
    ping: () => own.ping(),
    close: () => own.disconnect(),
  };
}

async function nodeRedis(client: NodeRedisBusClient, events: SubscriberEvents, attempt: number): Promise<Subscriber> {
  const source: unknown =
    client.masters === undefined ? client : await client.nodeClient?.(pick(client.masters, attempt));
  if (!isDuplicable(source)) throw unusable();
  const own = source.duplicate();
  if (!isNodeRedisSubscriber(own)) throw unusable();
  for (const event of ['error', 'reconnecting', 'end']) own.on(event, events.lost);
  const onMessage = (text: unknown, channel: unknown): void => events.message(String(channel), String(text));
  return {
    connect: () => own.connect(),
    subscribe: (channels) => own.subscribe(channels, onMessage),
    unsubscribe: (channel) => own.unsubscribe(channel),
    ping: () => own.ping(),
    close: () => {
      try {
        own.destroy();
      } catch {
        // It was closed before.
      }
    },
  };
}

function pick(all: readonly unknown[], attempt: number): unknown {
  return all[attempt % Math.max(1, all.length)];
}

function isDuplicable(value: unknown): value is { duplicate(override?: object): unknown } {
  return hasMethods(value, 'duplicate');
}

function isIoRedisSubscriber(value: unknown): value is IoRedisSubscriber {
  return hasMethods(value, 'on', 'connect', 'subscribe', 'unsubscribe', 'ping', 'disconnect');
}

function isNodeRedisSubscriber(value: unknown): value is NodeRedisSubscriber {
  return hasMethods(value, 'on', 'connect', 'subscribe', 'unsubscribe', 'ping', 'destroy');
}

function unusable(): StoreUnavailable {
  return new StoreUnavailable('Redis failed: the client has no connection that can be duplicated');
}
