import { expect } from 'chai';
import type { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { guardProcess } from '../support/deferred-head.js';
import { type AnyStorage, kits } from '../support/kits.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import {
  ENDS,
  fakeIntervals,
  INTERVAL,
  NO_ENDS,
  ORIGIN,
  openSocketShop,
  type SocketShop,
} from '../support/socket-shop.js';

const HOUR = 3_600_000;

describe('The program of docs/websockets.md for Socket.IO', () => {
  const time = fakeIntervals();
  const shops: SocketShop<{ readonly io: Server }>[] = [];
  const clients: Socket[] = [];
  guardProcess();
  guardRejections();

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    for (const shop of shops.splice(0)) {
      shop.close();
      await shop.program.io.close();
    }
  });

  async function open(storage: AnyStorage) {
    const shop = await openSocketShop<{ readonly io: Server }>(storage, 'socket.io', 'io');
    shops.push(shop);
    return shop;
  }

  type Shop = Awaited<ReturnType<typeof open>>;
  type Transport = 'polling' | 'websocket';

  function clientOf({ port }: Shop, transport: Transport, extraHeaders: Record<string, string>): Socket {
    const options = {
      transports: [transport],
      reconnection: false,
      reconnectionDelay: 1,
      forceNew: true,
      extraHeaders,
    };
    const client = io(`http://127.0.0.1:${port}`, options);
    clients.push(client);
    return client;
  }

  /** A client that is connected, and was checked once. */
  async function connect(shop: Shop, sid: string, transport: Transport = 'websocket'): Promise<Socket> {
    const client = clientOf(shop, transport, { cookie: `sid=${sid}`, origin: ORIGIN });
    await settled(client, 'connect', 'connect_error');
    expect(client.connected, 'connected').to.equal(true);
    await shop.checked(1);
    return client;
  }

  const settled = (client: Socket, ...events: string[]): Promise<unknown> =>
    new Promise((resolve) => {
      for (const event of events) client.once(event, resolve);
    });

  const refusal = async (client: Socket) => String(await settled(client, 'connect', 'connect_error'));

  for (const [where, kit] of kits) {
    describe(`with sessions ${where}`, () => {
      for (const transport of ['websocket', 'polling'] as const) {
        it(`lets those in who have signed in, and nobody else, by ${transport}`, async () => {
          const { storage } = kit();
          const shop = await open(storage);
          await shop.browser.ask('/sign-in', { method: 'POST' });
          await connect(shop, await shop.browser.cookie('sid'), transport);
          expect(await refusal(clientOf(shop, transport, { origin: ORIGIN }))).to.equal('Error: sign in first');
        });

        it(`closes a socket that came by ${transport} when its user signs out`, async () => {
          const { storage } = kit();
          const shop = await open(storage);
          await shop.browser.ask('/sign-in', { method: 'POST' });
          const client = await connect(shop, await shop.browser.cookie('sid'), transport);
          const closed = settled(client, 'disconnect');
          await shop.browser.ask('/sign-out', { method: 'POST' });
          await closed;
        });
      }

      it('refuses an upgrade from another origin', async () => {
        const { storage } = kit();
        const shop = await open(storage);
        const cookie = `sid=${await heldSid(storage, {}, 'u1')}`;
        const client = clientOf(shop, 'websocket', { cookie, origin: 'https://blog.shop.example' });
        expect(await refusal(client)).to.equal('Error: websocket error');
      });

      for (const [what, end] of Object.entries(ENDS)) {
        it(`closes a socket when ${what}`, async () => {
          const { storage } = kit();
          const sid = await heldSid(storage, {}, 'u1');
          const closed = settled(await connect(await open(storage), sid), 'disconnect');
          await end(storage, sid);
          await closed;
        });
      }

      it('lets a client come back by itself, and refuses it if its session has ended', async () => {
        const { storage } = kit();
        const shop = await open(storage);
        const sid = await heldSid(storage, {}, 'u1');
        const client = await connect(shop, sid);
        client.io.reconnection(true);
        for (const socket of shop.program.io.sockets.sockets.values()) socket.conn.close();
        await settled(client, 'connect');
        const refused = settled(client, 'connect_error');
        await storage.revoke({ sid });
        expect(String(await refused)).to.equal('Error: sign in first');
      });

      for (const [what, act] of Object.entries(NO_ENDS)) {
        it(`keeps a socket open when ${what}, and closes it when another process ends the session`, async () => {
          const { clock, storage, another } = kit();
          const shop = await open(storage);
          const sid = await heldSid(storage, {}, 'u1');
          const client = await connect(shop, sid);
          await act(storage, sid);
          await shop.checked(1);
          clock.advance(HOUR);
          time.pass(INTERVAL);
          await shop.checked(1);
          expect(client.connected).to.equal(true);
          await another().storage.revoke('everyone');
          const closed = settled(client, 'disconnect');
          time.pass(INTERVAL);
          await closed;
        });
      }

      if (where !== 'in a token') {
        it('does not take polling for activity', async () => {
          const { clock, storage } = kit({ idleTimeout: HOUR });
          const shop = await open(storage);
          const client = await connect(shop, await heldSid(storage, {}, 'u1'), 'polling');
          clock.advance(HOUR - 1);
          const drained = new Promise<void>((resolve) => client.io.engine.once('drain', resolve));
          client.emit('ignored');
          await drained;
          clock.advance(1);
          const closed = settled(client, 'disconnect');
          time.pass(INTERVAL);
          await closed;
        });

        it('changes the data from a handler, after a rotation too', async () => {
          const { clock, storage } = kit();
          const shop = await open(storage);
          const sid = await heldSid(storage, {}, 'u1');
          const client = await connect(shop, sid);
          const after = await storage.commit((await storage.get(sid)).rotate());
          clock.advance(HOUR);
          expect(await client.emitWithAck('add', 'tea')).to.equal(undefined);
          const session = await storage.get(after.outcome === 'issued' ? after.sid : '');
          expect(session.sessionData).to.deep.equal({ last: 'tea' });
        });
      }
    });
  }
});
