import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket, type WebSocketServer } from 'ws';
import { MemoryStore, RevocationList } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { guardProcess, nextTurn } from '../support/deferred-head.js';
import { FaultyLog } from '../support/faulty-log.js';
import { type AnyStorage, kits } from '../support/kits.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { bench } from '../support/sessions.js';
import {
  ENDS,
  fakeIntervals,
  INTERVAL,
  NO_ENDS,
  ORIGIN,
  openSocketShop,
  type SocketShop,
} from '../support/socket-shop.js';
import { NOW } from '../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('ws', () => {
  const time = fakeIntervals();
  const shops: SocketShop<{ readonly sockets: WebSocketServer }>[] = [];
  const logs: RevocationList[] = [];
  guardProcess();
  guardRejections();

  afterEach(async () => {
    for (const shop of shops.splice(0)) {
      for (const client of shop.program.sockets.clients) client.terminate();
      shop.close();
    }
    for (const revocations of logs.splice(0)) await revocations.close();
  });

  async function open(storage: AnyStorage) {
    const shop = await openSocketShop<{ readonly sockets: WebSocketServer }>(storage, 'WebSocketServer', 'sockets');
    shops.push(shop);
    return shop;
  }

  type Shop = Awaited<ReturnType<typeof open>>;

  const socketTo = ({ port }: Shop, headers: Record<string, string>) =>
    new WebSocket(`ws://127.0.0.1:${port}`, { headers });

  /** A socket that is open, and was checked once. */
  async function connect(shop: Shop, sid: string): Promise<WebSocket> {
    const socket = socketTo(shop, { cookie: `sid=${sid}`, origin: ORIGIN });
    await once(socket, 'open');
    await shop.checked(1);
    return socket;
  }

  /** The status that answers an upgrade in vain. */
  async function refusal(shop: Shop, headers: Record<string, string>): Promise<unknown> {
    const socket = socketTo(shop, headers);
    const [, answer] = await once(socket, 'unexpected-response');
    socket.on('error', () => undefined).terminate();
    return answer.statusCode;
  }

  async function echo(socket: WebSocket, text: string): Promise<string> {
    socket.send(text);
    const [data] = await once(socket, 'message');
    return String(data);
  }

  const closed = async (socket: WebSocket) => void (await once(socket, 'close'));

  for (const [where, kit] of kits) {
    describe(`with sessions ${where}`, () => {
      it('lets those in who have signed in, and nobody else', async () => {
        const { storage } = kit();
        const shop = await open(storage);
        await shop.browser.ask('/sign-in', { method: 'POST' });
        const sid = await shop.browser.cookie('sid');
        expect(await echo(await connect(shop, sid), 'hello')).to.equal('u1: hello');
        expect(await refusal(shop, { origin: ORIGIN })).to.equal(401);
        expect(await refusal(shop, { origin: ORIGIN, cookie: 'sid=junk' })).to.equal(401);
        const anonymous = await heldSid(storage, { cart: [] });
        expect(await refusal(shop, { origin: ORIGIN, cookie: `sid=${anonymous}` })).to.equal(401);
      });

      for (const origin of ['https://evil.example', 'https://blog.shop.example', 'null', undefined]) {
        it(`refuses an upgrade with the origin ${origin}`, async () => {
          const { storage } = kit();
          const cookie = `sid=${await heldSid(storage, {}, 'u1')}`;
          expect(await refusal(await open(storage), { cookie, ...(origin && { origin }) })).to.equal(403);
        });
      }

      it('closes the sockets of a session that signs out, and no others', async () => {
        const { storage } = kit();
        const shop = await open(storage);
        await shop.browser.ask('/sign-in', { method: 'POST' });
        const sid = await shop.browser.cookie('sid');
        const [first, second] = [await connect(shop, sid), await connect(shop, sid)];
        const other = await connect(shop, await heldSid(storage, {}, 'u1'));
        const both = Promise.all([closed(first), closed(second)]);
        await shop.browser.ask('/sign-out', { method: 'POST' });
        await both;
        expect(await echo(other, 'still here')).to.equal('u1: still here');
      });

      for (const [what, end] of Object.entries(ENDS)) {
        it(`closes a socket when ${what}`, async () => {
          const { storage } = kit();
          const sid = await heldSid(storage, {}, 'u1');
          const socket = await connect(await open(storage), sid);
          const isClosed = closed(socket);
          await end(storage, sid);
          await isClosed;
        });
      }

      for (const [what, act] of Object.entries(NO_ENDS)) {
        it(`keeps a socket open when ${what}, at once and later`, async () => {
          const { clock, storage } = kit();
          const shop = await open(storage);
          const sid = await heldSid(storage, {}, 'u1');
          const socket = await connect(shop, sid);
          await act(storage, sid);
          await shop.checked(1);
          clock.advance(HOUR);
          time.pass(INTERVAL);
          await shop.checked(1);
          expect(await echo(socket, 'hello')).to.equal('u1: hello');
        });
      }

      it('closes a socket, after a rotation too, when another process signs its user out', async () => {
        const { storage, another } = kit();
        const shop = await open(storage);
        const sid = await heldSid(storage, {}, 'u1');
        const socket = await connect(shop, sid);
        await storage.commit((await storage.get(sid)).rotate());
        await shop.checked(1);
        await another().storage.revoke({ uid: 'u1' });
        expect(await echo(socket, 'hello'), 'nobody asked yet').to.equal('u1: hello');
        const isClosed = closed(socket);
        time.pass(INTERVAL);
        await isClosed;
      });

      it('closes a socket when its session expires', async () => {
        const { clock, storage } = kit({ idleTimeout: HOUR });
        const shop = await open(storage);
        const socket = await connect(shop, await heldSid(storage, {}, 'u1'));
        clock.advance(HOUR - 1);
        time.pass(INTERVAL);
        await shop.checked(1);
        expect(await echo(socket, 'hello')).to.equal('u1: hello');
        const isClosed = closed(socket);
        clock.advance(1);
        time.pass(INTERVAL);
        await isClosed;
      });

      it('does not watch a socket any more that was closed', async () => {
        const { storage } = kit();
        const shop = await open(storage);
        const socket = await connect(shop, await heldSid(storage, {}, 'u1'));
        const [atServer] = shop.program.sockets.clients;
        if (atServer === undefined) throw new Error('no client');
        socket.close();
        await once(atServer, 'close');
        time.pass(INTERVAL);
        await storage.revoke({ uid: 'u1' });
        expect(shop.unseen()).to.equal(0);
      });
    });
  }

  /** Storages that cannot answer for a while. */
  const failing = {
    'a store': async () => {
      const store = new FaultyStore(new MemoryStore());
      const { storage } = serverBench({ store });
      return { storage, fail: () => store.disconnect(), heal: async () => store.heal() };
    },
    tokens: async () => {
      const clock = new FakeClock(NOW);
      const log = new FaultyLog();
      const revocations = new RevocationList({ log, clock });
      logs.push(revocations);
      await revocations.ready();
      const { storage } = bench({ clock, revocations });
      return {
        storage,
        fail: () => clock.advance(revocations.bound + 1),
        heal: async () => {
          log.beat();
          while (!revocations.health().isFresh) await nextTurn();
        },
      };
    },
  };

  for (const [what, make] of Object.entries(failing)) {
    it(`refuses upgrades with 503 while ${what} cannot answer`, async () => {
      const { storage, fail } = await make();
      const cookie = `sid=${await heldSid(storage, {}, 'u1')}`;
      const shop = await open(storage);
      fail();
      expect(await refusal(shop, { cookie, origin: ORIGIN })).to.equal(503);
    });
  }

  it('keeps a socket open while a store cannot answer, and asks again', async () => {
    const { storage, fail, heal } = await failing['a store']();
    const sid = await heldSid(storage, {}, 'u1');
    const shop = await open(storage);
    const socket = await connect(shop, sid);
    fail();
    time.pass(INTERVAL);
    await shop.checked(1);
    expect(await echo(socket, 'hello')).to.equal('u1: hello');
    await heal();
    await storage.revoke({ sid });
    await closed(socket);
  });

  it('closes a socket when the revocation list is stale, and lets it come back when the log has answered', async () => {
    const { storage, fail, heal } = await failing.tokens();
    const sid = await heldSid(storage, {}, 'u1');
    const shop = await open(storage);
    const socket = await connect(shop, sid);
    fail();
    time.pass(INTERVAL);
    await Promise.all([closed(socket), shop.checked(1)]);
    await heal();
    expect(await echo(await connect(shop, sid), 'hello')).to.equal('u1: hello');
  });
});
