import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { MemoryStore, RevocationList } from 'sessions-jwt';
import { LiveSessions } from 'sessions-jwt/live';
import { FaultyStore } from 'sessions-jwt/testing';
import { createApp } from '../../examples/console/app.js';
import {
  createServerStorage,
  createTokenStorage,
  type ServerStorage,
  type TokenStorage,
} from '../../examples/console/storage.js';
import { SilentLog } from '../support/silent-log.js';
import { CSRF_SECRET, SECRET } from './console-bench.js';

describe('examples/console: its health', () => {
  let server: Server | undefined;
  let live: LiveSessions | undefined;
  let list: RevocationList;

  afterEach(async () => {
    await live?.close();
    server?.close();
    server?.closeAllConnections();
    await list.close();
  });

  async function healthOf(sessionStorage: ServerStorage | TokenStorage): Promise<readonly [number, unknown]> {
    live = new LiveSessions({ sessionStorage });
    const sessions = { sessionStorage, live, keptIn: 'memory', csrfSecret: CSRF_SECRET };
    server = createServer(createApp(sessions)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/api/health`);
    return [response.status, await response.json()];
  }

  it('is 503 with tokens whose log was never read, because no token can be opened', async () => {
    list = new RevocationList({ log: new SilentLog(), bound: 5_000 });
    expect(await healthOf(createTokenStorage(SECRET, list))).to.deep.equal([
      503,
      { isHealthy: false, guarantee: 'log', list: { isFresh: false, age: null, bound: 5_000 }, store: null },
    ]);
  });

  it('is 200 with a list that needs no log', async () => {
    list = new RevocationList();
    expect(await healthOf(createTokenStorage(SECRET, list))).to.deep.equal([
      200,
      { isHealthy: true, guarantee: 'process', list: { isFresh: true, age: 0, bound: 30_000 }, store: null },
    ]);
  });

  for (const isDown of [false, true]) {
    it(`is that of the store with sessions in one that is ${isDown ? 'down' : 'up'}, whatever its list says`, async () => {
      list = new RevocationList({ log: new SilentLog() });
      const store = new FaultyStore(new MemoryStore());
      const sessionStorage = createServerStorage(store, list);
      if (isDown) store.fail('all');
      try {
        const [status, health] = await healthOf(sessionStorage);
        expect(status).to.equal(isDown ? 503 : 200);
        expect(health).to.deep.include({ isHealthy: !isDown, list: { isFresh: false, age: null, bound: 30_000 } });
        expect(health).to.have.nested.property('store.isReachable', !isDown);
      } finally {
        store.heal();
        await sessionStorage.close();
      }
    });
  }
});
