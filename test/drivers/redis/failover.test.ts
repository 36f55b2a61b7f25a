import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { Redis as IoRedis5 } from 'ioredis5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis5';
import { RedisStore } from '../../../src/drivers/redis/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, type RedisServer } from '../../support/servers/redis.js';
import { aRecord, aTombstone, newName } from './support.js';

interface Place {
  readonly port: number;
  readonly host: string;
}

const reconnectOnError = (error: Error): boolean => error.message.includes('READONLY');

/** An address that leads new connections to another server after a failover, and leaves those there are. */
class Endpoint {
  target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.target = target;
    server.on('connection', (client) => {
      const redis = connect(this.target, '127.0.0.1');
      for (const [one, other] of [
        [client, redis],
        [redis, client],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    });
  }

  static async before(target: number): Promise<Endpoint> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Endpoint(server, target);
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return address.port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe('After a failover, on a connection to the node that was demoted', () => {
  let servers: readonly RedisServer[] = [];
  let endpoint: Endpoint;
  let prefix: string;
  const clients: { disconnect(): unknown }[] = [];
  guardRejections();

  const clientOf = (port: number): Redis => {
    const client = new Redis({ port, host: '127.0.0.1' });
    clients.push(client);
    return client;
  };

  beforeEach(async function () {
    // A replica is to have everything at once.
    const settings = { more: ['--repl-diskless-sync-delay', '0'] };
    servers = [await ownRedis(this, settings), await ownRedis(this, settings)];
    endpoint = await Endpoint.before(servers[0]?.port ?? 0);
    prefix = `${newName()}:`;
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    endpoint?.close();
    await Promise.all(servers.map((server) => server.process.stop('SIGKILL')));
  });

  /** The second server takes over from the first, and someone signs out there. */
  const failOver = async (id: string): Promise<void> => {
    const [old, next] = servers.map(({ port }) => clientOf(port));
    if (old === undefined || next === undefined) throw new Error('no servers');
    await next.call('REPLICAOF', ['127.0.0.1', String(servers[0]?.port)]);
    while ((await next.keys(`*:${id}`)).length === 0);
    await next.call('REPLICAOF', ['NO', 'ONE']);
    // Cut off, so that it keeps what it had.
    await old.call('REPLICAOF', ['127.0.0.1', '1']);
    endpoint.target = servers[1]?.port ?? 0;
    const elsewhere = new RedisStore({ client: next, prefix });
    expect(await elsewhere.retire(id, null, aTombstone(id))).to.equal('ok');
  };

  const untilItAnswers = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    }
  };

  for (const [name, create] of [
    ['ioredis 6', (place: Place) => new Redis({ ...place, reconnectOnError })],
    ['ioredis 5', (place: Place) => new IoRedis5({ ...place, reconnectOnError })],
  ] as const) {
    it(`${name} connects to the new primary by reconnectOnError`, async () => {
      const client = create({ port: endpoint.port, host: '127.0.0.1' });
      clients.push(client);
      const store = new RedisStore({ client, prefix });
      const record = aRecord();
      await store.create(record);
      await failOver(record.id);
      expect(await store.update(record).catch((error: unknown) => error)).to.be.instanceOf(StoreUnavailable);
      const found = await untilItAnswers(() => store.load(record.id, Date.now()));
      expect(found).to.have.property('retired');
    });
  }

  for (const [name, create] of [
    ['redis 6', (socket: Place) => createClient({ socket })],
    ['redis 5', (socket: Place) => createClient5({ socket })],
  ] as const) {
    it(`${name} connects to the new primary when the application has it connect anew`, async () => {
      const client = create({ port: endpoint.port, host: '127.0.0.1' });
      client.on('error', () => {});
      await client.connect();
      clients.push({ disconnect: () => client.destroy() });
      const store = new RedisStore({ client, prefix });
      const record = aRecord();
      await store.create(record);
      await failOver(record.id);
      const failure = await store.update(record).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(StoreUnavailable);
      expect(String(failure)).to.include('READONLY');
      expect(await store.load(record.id, 0).catch((error: unknown) => error)).to.be.instanceOf(StoreUnavailable);
      client.destroy();
      await client.connect();
      expect(await store.load(record.id, Date.now())).to.have.property('retired');
    });
  }
});
