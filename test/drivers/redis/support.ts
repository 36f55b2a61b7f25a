import { randomBytes } from 'node:crypto';
import { Cluster as IoCluster6, Redis as IoRedis6 } from 'ioredis';
import { Cluster as IoCluster5, Redis as IoRedis5 } from 'ioredis5';
import { createClient, createCluster } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis5';
import { type RedisBusClient, RedisStore, type RedisStoreOptions } from '../../../src/drivers/redis/index.js';
import type { Retired, SessionRecord } from '../../../src/index.js';

const DAY = 86_400_000;

/** A client that is connected, and how to end it. */
export interface OpenClient {
  readonly client: RedisBusClient;
  readonly close: () => void;
}

/** A user of the server. Without one, a client is the default user. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** One of the clients that a RedisStore takes, connected to a server or a cluster. */
export interface ClientMake {
  readonly name: string;
  open(port: number, login?: Login): Promise<OpenClient>;
  openCluster(ports: readonly number[], login?: Login): Promise<OpenClient>;
}

export const NODE_REDIS_6: ClientMake = {
  name: 'redis 6',
  open: (port, login) => connected(createClient({ socket: place(port), ...login })),
  openCluster: (ports, login) =>
    connected(createCluster({ rootNodes: ports.map((port) => ({ socket: place(port) })), defaults: { ...login } })),
};

export const NODE_REDIS_5: ClientMake = {
  name: 'redis 5',
  open: (port, login) => connected(createClient5({ socket: place(port), ...login })),
  openCluster: (ports, login) =>
    connected(createCluster5({ rootNodes: ports.map((port) => ({ socket: place(port) })), defaults: { ...login } })),
};

export const IOREDIS_6: ClientMake = {
  name: 'ioredis 6',
  open: (port, login) => connected(new IoRedis6({ ...place(port), ...login, lazyConnect: true })),
  openCluster: (ports, login) =>
    connected(new IoCluster6(ports.map(place), { lazyConnect: true, redisOptions: { ...login } })),
};

export const IOREDIS_5: ClientMake = {
  name: 'ioredis 5',
  open: (port, login) => connected(new IoRedis5({ ...place(port), ...login, lazyConnect: true })),
  openCluster: (ports, login) =>
    connected(new IoCluster5(ports.map(place), { lazyConnect: true, redisOptions: { ...login } })),
};

export const ALL_MAKES: readonly ClientMake[] = [NODE_REDIS_6, NODE_REDIS_5, IOREDIS_6, IOREDIS_5];

/** One of each kind, for what does not depend on the version. */
export const BOTH_KINDS: readonly ClientMake[] = [NODE_REDIS_6, IOREDIS_6];

/** The stores of one test, on keys of their own. */
export class Stores {
  readonly prefix: string = `${newName()}:`;
  readonly #clients: OpenClient[] = [];

  /** A store with a client of its own. */
  async open(make: ClientMake, port: number, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
    return new RedisStore({ client: await this.client(make, port), prefix: this.prefix, ...options });
  }

  async client(make: ClientMake, port: number): Promise<RedisBusClient> {
    const opened = await make.open(port);
    this.#clients.push(opened);
    return opened.client;
  }

  async openCluster(make: ClientMake, ports: readonly number[]): Promise<RedisStore> {
    const opened = await make.openCluster(ports);
    this.#clients.push(opened);
    return new RedisStore({ client: opened.client, prefix: this.prefix });
  }

  close(): void {
    for (const { close } of this.#clients.splice(0)) close();
  }
}

/** Whom nobody else is called. */
export function newName(): string {
  return randomBytes(12).toString('base64url');
}

/** A session that began just now and lives for a day. */
export function aRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now();
  const id = newName();
  const times = { created: now, lastAccess: now, lastUpdate: now, expiresAt: now + DAY };
  return { id, lineage: id, version: 0, uid: null, body: '{"sessionData":{}}', ...times, ...changes };
}

export function aTombstone(id: string, retired: Partial<Retired['retired']> = {}): Retired {
  const now = Date.now();
  return { id, retired: { successor: null, at: now, ...retired }, expiresAt: now + DAY };
}

function place(port: number): { host: string; port: number } {
  return { host: '127.0.0.1', port };
}

type Connectable = RedisBusClient & {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
} & ({ destroy(): void } | { disconnect(): void });

async function connected(client: Connectable): Promise<OpenClient> {
  // Who loses the server tells so by an event, of which a process dies when nobody listens.
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => ('destroy' in client ? client.destroy() : client.disconnect()) };
}
