import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { activateSessions } from '../../src/adapters/express.js';
import { MemoryStore, ServerSessionStorage } from '../../src/index.js';
import { Browser } from '../support/browser.js';
import { guardProcess } from '../support/deferred-head.js';

interface World {
  /** Whether a middleware of the engine uses the session of each request. */
  readonly isUsed?: boolean;
  readonly exempt?: (request: IncomingMessage) => boolean;
}

const TRANSPORTS = [['polling'], ['polling', 'websocket'], ['websocket']] as const;
const REFUSED = 'xhr post error';
const POLLING = TRANSPORTS.slice(0, 2);

describe('Socket.IO with CSRF tokens', () => {
  guardProcess();
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A client of u1, and what its server answers: who is signed in, or why it cannot connect. */
  async function signedIn({ isUsed = false, exempt = () => false }: World = {}) {
    const sessionStorage = new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null });
    const sessions = activateSessions({ sessionStorage, cookie: true, csrf: { token: true, exempt } });
    const app = express().use(sessions);
    app.get('/sign-in', (req, res) => {
      req.session.setUser(String(req.query['user'] ?? 'u1'));
      res.end();
    });
    const server = createServer(app);
    const sockets = new Server(server);
    sockets.engine.use(sessions);
    if (isUsed) {
      sockets.engine.use((req: IncomingMessage, _res: unknown, next: (error?: unknown) => void) => {
        Reflect.get(sessions.of(req), 'uid');
        next();
      });
    }
    sockets.on('connection', (socket) => {
      socket.on('who', (answer: (uid: unknown) => void) => answer(sessions.of(socket.request).uid ?? null));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => sockets.close());
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const browser = new Browser(port);
    await browser.ask('/sign-in');

    const who = async (transports: readonly ('polling' | 'websocket')[], token?: string): Promise<unknown> => {
      const cookie = `sid=${await browser.cookie('sid')}`;
      const extraHeaders = { cookie, ...(token !== undefined && { 'X-CSRF-Token': token }) };
      const client = io(`http://127.0.0.1:${port}`, {
        transports: [...transports],
        reconnection: false,
        forceNew: true,
        extraHeaders,
      });
      closing.push(() => client.disconnect());
      return await new Promise((resolve) => {
        client.once('connect_error', ({ message }) => resolve(message));
        client.once('disconnect', () => resolve('disconnected'));
        client.emit('who', resolve);
      });
    };
    return { who, browser };
  }

  it('needs no token, because nothing uses the session of its POST requests', async () => {
    const { who } = await signedIn();
    for (const transports of TRANSPORTS) expect(await who(transports), transports.join()).to.equal('u1');
  });

  it('goes on with a stale token, which clients send for as long as they exist', async () => {
    const { who, browser } = await signedIn();
    const stale = await browser.cookie('csrf');
    for (const transports of TRANSPORTS) expect(await who(transports, stale), transports.join()).to.equal('u1');
    await browser.ask('/sign-in?user=u2');
    for (const transports of TRANSPORTS) expect(await who(transports, stale), transports.join()).to.equal('u2');
  });

  it('needs the token for polling if something uses the session of each request', async () => {
    const { who, browser } = await signedIn({ isUsed: true });
    const token = await browser.cookie('csrf');
    for (const transports of POLLING) {
      expect(await who(transports), transports.join()).to.equal(REFUSED);
      expect(await who(transports, token), transports.join()).to.equal('u1');
    }
    expect(await who(['websocket'])).to.equal('u1');
  });

  it('has no user if its requests are exempt', async () => {
    const { who } = await signedIn({ exempt: ({ url }) => url?.startsWith('/socket.io/') === true });
    for (const transports of TRANSPORTS) expect(await who(transports), transports.join()).to.equal(null);
  });
});
