import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import Fastify from 'fastify';
import { activateSessions, stream } from '../../src/adapters/express.js';
import { activateSessions as fastifySessions, stream as fastifyStream } from '../../src/adapters/fastify.js';
import { MemoryStore, ServerSessionStorage } from '../../src/index.js';
import { LiveSessions } from '../../src/live/index.js';
import { signInAs } from '../../src/testing/index.js';
import { blocksOf } from './blocks.js';
import { documentAt } from './documents.js';

const shutdownOn = (path: string): string => {
  const blocks = blocksOf(path, documentAt(path).text, 'ts');
  return blocks.find(({ code }) => code.includes("process.once('SIGTERM'"))?.code ?? '';
};

describe('The shutdown of a server', () => {
  let sessionStorage: ServerSessionStorage;
  let live: LiveSessions;
  let client: Socket | undefined;

  beforeEach(() => {
    sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
    live = new LiveSessions({ sessionStorage });
  });

  afterEach(async () => {
    client?.destroy();
    await live.close();
    await sessionStorage.close();
  });

  /** Opens a stream for a client that never closes its connection. */
  async function openStream(server: Server): Promise<void> {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { headers } = await signInAs(sessionStorage, 'u1');
    client = connect(address.port, '127.0.0.1');
    client.write(`GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${headers['cookie']}\r\n\r\n`);
    const [head] = await once(client, 'data');
    expect(String(head)).to.match(/^HTTP\/1\.1 200 /);
  }

  it('has one order on the pages', () => {
    const order =
      /server\.close\(\)[\s\S]*live\.drain\(\)[\s\S]*server\.closeIdleConnections\(\)[\s\S]*live\.close\(\)/;
    expect(shutdownOn('docs/live.md')).to.match(order);
    expect(shutdownOn('docs/operations.md')).to.match(order);
  });

  it('does not wait for a client that keeps the connection of its stream', async () => {
    const app = express();
    app.use(activateSessions({ sessionStorage, cookie: true }));
    app.all('/live', stream(live));
    const server = createServer({ keepAliveTimeout: 600_000 }, app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await openStream(server);

    const closed = once(server, 'close');
    server.close();
    await live.drain();
    server.closeIdleConnections();
    await closed;
  });

  it('does not wait for open streams with Fastify, if preClose sends them away', async () => {
    const app = Fastify({ keepAliveTimeout: 600_000 });
    app.register(fastifySessions, { sessionStorage, cookie: true });
    app.all('/live', fastifyStream(live));
    app.addHook('preClose', () => live.drain());
    await app.listen({ port: 0, host: '127.0.0.1' });
    await openStream(app.server);

    await app.close();
  });
});
