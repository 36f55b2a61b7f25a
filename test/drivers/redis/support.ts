import { Cluster as IoCluster6, Redis as IoRedis6 } from 'ioredis';
import { Cluster as IoCluster5, Redis as IoRedis5 } from 'ioredis5';
import { createClient, createCluster } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis5';
import type { RedisClient } from '../../../src/drivers/redis/index.js';

/** A client that is connected, and how to end it. */
export interface OpenClient {
  readonly client: RedisClient;
  readonly close: () => void;
}

/** One of the clients that a RedisStore takes, connected to a server or a cluster. */
export interface ClientMake {
  readonly name: string;
  open(port: number): Promise<OpenClient>;
  openCluster(ports: readonly number[]): Promise<OpenClient>;
}

export const NODE_REDIS_6: ClientMake = {
  name: 'redis 6',
  open: (port) => connected(createClient({ socket: { host: '127.0.0.1', port } })),
  openCluster: (ports) => connected(createCluster({ rootNodes: ports.map(rootNode) })),
};

export const NODE_REDIS_5: ClientMake = {
  name: 'redis 5',
  open: (port) => connected(createClient5({ socket: { host: '127.0.0.1', port } })),
  openCluster: (ports) => connected(createCluster5({ rootNodes: ports.map(rootNode) })),
};

export const IOREDIS_6: ClientMake = {
  name: 'ioredis 6',
  open: (port) => ready(new IoRedis6({ host: '127.0.0.1', port, lazyConnect: true })),
  openCluster: (ports) => ready(new IoCluster6(ports.map(node), { lazyConnect: true })),
};

export const IOREDIS_5: ClientMake = {
  name: 'ioredis 5',
  open: (port) => ready(new IoRedis5({ host: '127.0.0.1', port, lazyConnect: true })),
  openCluster: (ports) => ready(new IoCluster5(ports.map(node), { lazyConnect: true })),
};

export const ALL_MAKES: readonly ClientMake[] = [NODE_REDIS_6, NODE_REDIS_5, IOREDIS_6, IOREDIS_5];
/** One of each kind. */
export const BOTH_KINDS: readonly ClientMake[] = [NODE_REDIS_6, IOREDIS_6];

function node(port: number): { host: string; port: number } {
  return { host: '127.0.0.1', port };
}

function rootNode(port: number): { socket: { host: string; port: number } } {
  return { socket: node(port) };
}

type NodeRedis = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
};

/** Clients that lose their server say so by events, which a process dies of if nobody listens. */
async function connected(client: NodeRedis): Promise<OpenClient> {
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => client.destroy() };
}

type IoRedis = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<void>;
  disconnect(): void;
};

async function ready(client: IoRedis): Promise<OpenClient> {
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => client.disconnect() };
}
