import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { EventSource } from 'eventsource';
import express from 'express';
import fc from 'fast-check';
import { activateSessions, stream } from '../../src/adapters/express.js';
import { cookie, html, type LiveEvent, message, path, reload } from '../../src/live/index.js';
import { everyCodePoint, HOSTILE, hostileText } from '../support/hostile-text.js';
import { type ClientOfStream, type LiveProcess, processOf, STORAGES, settled } from '../support/live-streams.js';

/** What the bytes of a stream may be, said without the code that makes them. */
const EVENT = String.raw`(?:retry: \d+\n)?id: [A-Za-z0-9._~-]+\nevent: [a-z]+\ndata: [^\r\n\0]*\n\n`;
const LAST_EVENT = String.raw`(?:retry: \d+\nevent: [a-z]+\ndata: [^\r\n\0]*\n\n)?`;
const STREAM = new RegExp(`^(?:${EVENT})*${LAST_EVENT}$`);

for (const [kind, storageOf] of STORAGES) {
  describe(`Nothing is smuggled into a stream of a session in ${kind}`, () => {
    let process: LiveProcess;

    beforeEach(() => {
      process = processOf(storageOf());
    });

    afterEach(() => process.live.close());

    /** Sends an event, and gives the data of the only one that arrives. */
    async function only(tab: ClientOfStream, event: LiveEvent): Promise<unknown> {
      const before = tab.events.length;
      await process.live.send({ uid: 'ann' }, event);
      expect(tab.events).to.have.lengthOf(before + 1);
      expect(tab.events.at(-1)?.type).to.equal(event.type);
      return tab.last;
    }

    it('by any code point in a name, in data or in markup', async function () {
      this.timeout(60_000);
      const tab = await process.ask(await process.signIn());
      for (const text of everyCodePoint()) {
        expect(await only(tab, message(text, { [text]: 1 }))).to.deep.equal({ name: text, data: { [text]: 1 } });
        expect(await only(tab, html(text))).to.deep.equal({ html: text });
      }
      expect(tab.text).to.match(STREAM);
    });

    it('by any text in a name, in data or in markup (row 49)', async () => {
      const tab = await process.ask(await process.signIn());
      await fc.assert(
        fc.asyncProperty(hostileText, hostileText, async (name, data) => {
          expect(await only(tab, message(name, data))).to.deep.equal({ name, data });
          expect(await only(tab, html(data))).to.deep.equal({ html: data });
        }),
      );
      expect(tab.text).to.match(STREAM);
    });

    it('by a path or a cookie, which are refused or arrive as one event', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      const tab = await process.ask(sid);
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          const url = `/${text}`;
          const going = unlessRefused(() => path(url));
          if (going !== undefined) expect(await only(tab, going)).to.deep.equal({ path: url });
          const setting = unlessRefused(() => cookie(`name=${text}`));
          if (setting === undefined) return;
          await process.live.send(session, setting);
          expect(tab.last)
            .to.have.property('claim')
            .that.matches(/^[A-Za-z0-9_-]{43}$/);
        }),
      );
      expect(tab.text).to.match(STREAM);
    });

    it('by a uid, which reaches its own streams and no others', async () => {
      const other = await process.ask(await process.signIn('other'));
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          const uid = text.toWellFormed().replaceAll('\0', '').slice(0, 255).toWellFormed();
          if (uid === '' || uid === 'other') return;
          const tab = await process.ask(await process.signIn(uid));
          await process.live.send({ uid }, message('hello'));
          expect(tab.types).to.deep.equal(['open', 'message']);
          expect(tab.text).to.match(STREAM);
          tab.leave();
        }),
      );
      expect(other.types).to.deep.equal(['open']);
    });

    it('by an instance, in the query or in the header', async () => {
      const sid = await process.signIn();
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          const escaped = encodeURIComponent(text.toWellFormed());
          for (const asking of [{ instance: escaped }, { headers: { 'x-session-instance': text } }]) {
            const tab = await process.ask(sid, asking);
            if (tab.status !== 400) expect(tab.instance).to.match(/^[A-Za-z0-9_-]{1,64}$/);
            expect(tab.types).to.deep.equal(tab.status === 400 ? [] : ['open']);
            expect(tab.text).to.match(STREAM);
            tab.leave();
          }
        }),
      );
    });

    it('by a Last-Event-ID', async () => {
      const sid = await process.signIn();
      await process.live.send({ uid: 'ann' }, message('earlier'));
      await fc.assert(
        fc.asyncProperty(hostileText, async (last) => {
          const tab = await process.ask(sid, { last });
          expect(tab.events).to.have.lengthOf(1);
          expect(tab.events[0]?.type).to.equal('open');
          expect(tab.events[0]?.data).to.include({ instance: tab.instance, replayed: false });
          expect(tab.text).to.match(STREAM);
          tab.leave();
        }),
      );
    });

    it('by the reason of an end', async () => {
      await fc.assert(
        fc.asyncProperty(hostileText, async (reason) => {
          const sid = await process.signIn();
          const tab = await process.ask(sid);
          const isTaken = await process.storage.revoke({ sid }, { reason }).then(
            () => true,
            (error: unknown) => {
              expect(error).to.be.instanceOf(TypeError);
              return false;
            },
          );
          await settled();
          expect(tab.types).to.deep.equal(isTaken ? ['open', 'end'] : ['open']);
          if (isTaken) expect(tab.last).to.deep.equal({ reason });
          expect(tab.text).to.match(STREAM);
          tab.leave();
        }),
        { numRuns: 30 },
      );
    });

    it('over a socket, as an EventSource reads it', async function () {
      this.timeout(60_000);
      const app = express();
      app.use(activateSessions({ sessionStorage: process.storage, cookie: true }));
      app.get('/live', stream(process.live));
      const server = createServer(app);
      const source = await sourceOf(server, await process.signIn());
      try {
        const inbox = new Inbox(source);
        await inbox.received(1);
        const sent = [...HOSTILE, ...everyCodePoint()].map((text) => message(text, text));
        for (const [index, event] of sent.entries()) {
          await process.live.send('everyone', event);
          await inbox.received(index + 2);
        }
        await process.live.send('everyone', reload());
        await inbox.received(sent.length + 2);
        const [, ...events] = inbox.events;
        expect(events).to.deep.equal([...sent, { type: 'reload' }]);
      } finally {
        source.close();
        server.close();
        server.closeAllConnections();
      }
    });
  });
}

/** `undefined` for a TypeError. */
function unlessRefused(make: () => LiveEvent): LiveEvent | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError);
    return undefined;
  }
}

async function sourceOf(server: Server, sid: string): Promise<EventSource> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new EventSource(`http://127.0.0.1:${address.port}/live`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, cookie: `sid=${sid}` } }),
  });
}

/** What an EventSource dispatches, of the types that a stream may have. */
class Inbox {
  readonly events: unknown[] = [];
  #onEvent: () => void = () => undefined;

  constructor(source: EventSource) {
    for (const type of ['open', 'message', 'html', 'path', 'reload', 'cookie', 'missed', 'end', 'reconnect']) {
      source.addEventListener(type, ({ data }) => {
        // Its own `open` has no data.
        if (data === undefined) return;
        this.events.push({ type, ...JSON.parse(data) });
        this.#onEvent();
      });
    }
  }

  /** Resolves when there are so many events. */
  async received(count: number): Promise<void> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }
}
