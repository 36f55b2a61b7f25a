import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { activateSessions } from '../../src/adapters/express.js';
import { MemoryStore, RevocationList, ServerSessionStorage, SessionHeadSent, SessionStorage } from '../../src/index.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { guardProcess } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { SECRET } from '../support/sessions.js';

const store = new FaultyStore(new MemoryStore());
const kinds = {
  tokens: new SessionStorage({ jwtSecret: SECRET, revocations: new RevocationList() }),
  'a store': new ServerSessionStorage({ store, sweepInterval: null }),
};

for (const [kind, sessionStorage] of Object.entries(kinds)) {
  describe(`Socket.IO with sessions in ${kind}`, () => {
    guardProcess();

    let http: HttpServer;
    let sockets: Server;
    let client: Socket;
    let url: string;

    beforeEach(async () => {
      const sessions = Reflect.apply(activateSessions, undefined, [{ sessionStorage, cookie: true }]);
      const app = express().use(sessions);
      app.get('/sign-in', (request, response) => {
        request.session.setUser('u1');
        response.end();
      });
      app.get('/look', (request, response) => {
        response.json([request.session.uid ?? null, request.session.sessionData]);
      });
      http = createServer(app);
      sockets = new Server(http);
      sockets.engine.use(sessions);
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      const address = http.address();
      url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    });

    afterEach(async () => {
      client.disconnect();
      await sockets.close();
    });

    const signIn = async () => (await fetch(`${url}/sign-in`)).headers.getSetCookie()[0]?.split(';')[0] ?? '';

    const connect = async (transports: ('polling' | 'websocket')[], cookie?: string) => {
      client = io(url, {
        transports,
        reconnection: false,
        ...(cookie !== undefined && { extraHeaders: { cookie } }),
      });
      const [socket] = await once(sockets, 'connection');
      return socket.request.session;
    };

    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']] as const) {
      it(`finds the session of the cookie, by ${transports.join(' and ')}`, async () => {
        expect((await connect([...transports], await signIn())).uid).to.equal('u1');
      });

      it(`finds nobody without one, by ${transports.join(' and ')}`, async () => {
        expect((await connect([...transports])).uid).to.equal(undefined);
      });
    }

    it('signs nobody in by a socket, which could not be told', async () => {
      const session = await connect(['websocket'], await signIn());
      expect(await errorOf(() => session.setUser('u2'))).to.be.instanceOf(SessionHeadSent);
    });

    it('signs out by a socket', async () => {
      const cookie = await signIn();
      const session = await connect(['websocket'], cookie);
      const ended = new Promise((resolve) => sessionStorage.events.on('ended', resolve));
      session.revoke();
      await ended;
      expect(await (await fetch(`${url}/look`, { headers: { cookie } })).json()).to.deep.equal([null, {}]);
    });

    if (kind === 'a store') {
      it('saves data from a socket with save(), and when the socket closes', async () => {
        const cookie = await signIn();
        const session = await connect(['websocket'], cookie);
        session.sessionData.a = 1;
        await session.save();
        const look = async () => (await fetch(`${url}/look`, { headers: { cookie } })).json();
        expect(await look()).to.deep.equal(['u1', { a: 1 }]);
        const saved = new Promise((resolve) => sessionStorage.events.on('saved', resolve));
        session.sessionData.b = 2;
        client.disconnect();
        await saved;
        expect(await look()).to.deep.equal(['u1', { a: 1, b: 2 }]);
      });

      it('refuses a connection whose session cannot be loaded', async () => {
        const cookie = await signIn();
        store.disconnect('rejects');
        client = io(url, { transports: ['websocket'], reconnection: false, extraHeaders: { cookie } });
        expect(await new Promise((resolve) => client.on('connect_error', resolve))).to.be.instanceOf(Error);
        store.heal();
      });
    } else {
      it('reports data that were changed by a socket, which no token carries', async () => {
        const session = await connect(['websocket'], await signIn());
        const lost = new Promise((resolve) => sessionStorage.events.on('lost-write', resolve));
        session.sessionData.a = 1;
        client.disconnect();
        expect(await lost).to.include({ uid: 'u1', code: 'ERR_SESSION_HEAD_SENT' });
      });
    }
  });
}
