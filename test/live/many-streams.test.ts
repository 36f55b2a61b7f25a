import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { activateSessions, stream } from '../../src/adapters/express.js';
import { RevocationList, SessionStorage } from '../../src/index.js';
import { LiveSessions, message } from '../../src/live/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { Crowd } from '../support/crowd.js';
import { settled } from '../support/live-streams.js';
import { SECRET } from '../support/sessions.js';

/** More than are written to in one turn. CI sets SESSIONS_LARGE for the size that one process is to carry. */
const STREAMS = process.env['SESSIONS_LARGE'] === undefined ? 600 : 10_000;

describe(`${STREAMS} streams of one process`, function () {
  this.timeout(120_000);

  let crowd: Crowd;
  let server: Server;
  let storage: SessionStorage;
  let live: LiveSessions;
  let port: number;

  beforeEach(async () => {
    storage = new SessionStorage({ jwtSecret: SECRET, revocations: new RevocationList() });
    live = new LiveSessions({ sessionStorage: storage, limits: { perSession: 1_000, perUser: 1_000 } });
    const app = express();
    app.use(activateSessions({ sessionStorage: storage, cookie: true }));
    app.get('/live', stream(live));
    server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = portOf(server);
    crowd = await Crowd.start();
  });

  afterEach(async () => {
    await crowd.stop();
    await live.close();
    server.close();
    server.closeAllConnections();
  });

  function cookies(count: number, uid: (index: number) => string = (index) => `user-${index}`): string[] {
    return Array.from({ length: count }, (_, index) => `sid=${storage.create().setUser(uid(index)).forClient()}`);
  }

  it('all get every event, in order, to whomever it was sent', async () => {
    const uids = Array.from({ length: Math.ceil(STREAMS / 150) }, (_, index) => `group-${index}`);
    await crowd.do({ kind: 'open', port, cookies: cookies(STREAMS, (index) => `group-${index % uids.length}`) });
    expect(live.connections()).to.have.lengthOf(STREAMS);
    for (let n = 0; n < 20; n += 2) {
      await live.send('everyone', message('n', n));
      // Few enough for one turn. They must not overtake.
      for (const uid of uids) await live.send({ uid }, message('n', n + 1));
    }
    await crowd.do({ kind: 'hear', count: 20 });
  });

  it('go on while one that does not read is cut at its limit', async () => {
    await crowd.do({ kind: 'open', port, cookies: cookies(1, () => 'slow') });
    await crowd.do({ kind: 'open', port, cookies: cookies(STREAMS) });
    await crowd.do({ kind: 'stall', index: 0 });
    const large = 'x'.repeat(100_000);
    let count = 0;
    // The kernel takes a few MiB before anything waits here.
    while (live.connections().length > STREAMS && count < 300) {
      await live.send({ uid: 'slow' }, message('large', large));
      if (count % 10 === 0) {
        await live.send('everyone', message('n', count / 10));
        await crowd.do({ kind: 'hear', count: count / 10 + 1 });
      }
      count += 1;
    }
    expect(live.connections().map(({ uid }) => uid)).not.to.include('slow');
    expect(live.connections()).to.have.lengthOf(STREAMS);
  });

  it('leave nothing behind when their clients come and go (row 52)', async () => {
    const [cookie = ''] = cookies(1);
    const pass = async (count: number): Promise<void> => {
      await crowd.do({ kind: 'pass', port, cookie, count });
      while ((await connectionsOf(server)) > 0 || live.connections().length > 0) await settled();
    };
    await pass(200);
    const before = resources();
    await pass(1_000);
    const after = resources();
    expect(after.timers).to.be.at.most(before.timers);
    expect(after.listeners).to.equal(before.listeners);
    // One that stayed would be 5 KiB of it.
    expect(after.heap - before.heap).to.be.below(2_500_000);
  });

  it('end when all sessions are revoked', async () => {
    await crowd.do({ kind: 'open', port, cookies: cookies(STREAMS) });
    await storage.revoke('everyone');
    await crowd.do({ kind: 'finish', type: 'end' });
    expect(live.connections()).to.deep.equal([]);
  });

  it('are sent away by drain, so that the server can close', async () => {
    await crowd.do({ kind: 'open', port, cookies: cookies(STREAMS) });
    const closed = once(server, 'close');
    await live.drain();
    server.close();
    await crowd.do({ kind: 'finish', type: 'reconnect' });
    await closed;
  });
});

/** What would grow if something stayed. */
function resources(): { readonly timers: number; readonly listeners: number; readonly heap: number } {
  collectGarbage();
  return {
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    heap: process.memoryUsage().heapUsed,
  };
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
