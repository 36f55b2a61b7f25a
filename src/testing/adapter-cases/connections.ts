import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { jsonOf } from './bench.js';
import type { AdapterCase, AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { abandon, askOverSocket, askRaw } from './socket.js';

function abandoned(what: string, path: string): AdapterCase {
  return {
    title: `${what} is carried out though its client went away in the middle of it`,
    isOfConnections: true,
    kind: 'store',
    async run(bench) {
      const site = await bench.open();
      const headers = { cookie: `sid=${await bench.issue({}, 'u0')}` };
      const over = new Promise((resolve) =>
        bench.storage.events.on(path === '/sign-out' ? 'ended' : 'rotated', resolve),
      );
      const gate = bench.hold(path === '/sign-out' ? 'retire' : 'create');
      await abandon(site.url, { method: 'GET', path, headers }, gate.reached);
      // Once it answers another client, the server has noticed.
      await site.whoIs({});
      gate.release();
      await over;
      assert.equal(await site.whoIs(headers), null);
      assert.deepEqual(site.errors, []);
    },
  };
}

export const connectionCases: AdapterCases = {
  title: 'connections',
  cases: [
    {
      title: 'requests over one connection are never mixed up',
      isOfConnections: true,
      async run(bench) {
        const site = await bench.open();
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const ask = (path: string, sid?: string) =>
          askOverSocket(
            site.url,
            { method: 'GET', path, headers: sid === undefined ? {} : { cookie: `sid=${sid}` } },
            agent,
          );
        const sids = [await bench.issue({}, 'u1'), await bench.issue({}, 'u2'), 'junk', await bench.issue({}, 'u3')];
        const looks = await Promise.all(sids.map((sid) => ask('/look', sid)));
        const signedIn = await ask('/sign-in?user=u4');
        const after = await ask('/look');
        agent.destroy();
        assert.deepEqual(
          looks.map((one) => jsonOf(one, 'uid')),
          ['u1', 'u2', null, 'u3'],
        );
        assert.deepEqual([cookiesOf(signedIn).length, jsonOf(after, 'uid'), cookiesOf(after)], [1, null, []]);
      },
    },
    {
      title: 'a session header that comes twice opens nothing',
      isOfConnections: true,
      async run(bench) {
        const site = await bench.open({ header: true });
        const line = `X-Session-Id: ${await bench.issue({}, 'u1')}`;
        assert.ok((await askRaw(site.url, 'GET', '/look', [line])).text.includes('"u1"'));
        assert.ok((await askRaw(site.url, 'GET', '/look', [line, line])).text.includes('"uid":null'));
      },
    },
    {
      title: 'several Cookie headers count as one',
      isOfConnections: true,
      async run(bench) {
        const site = await bench.open();
        const lines = ['Cookie: a=1', `Cookie: sid=${await bench.issue({}, 'u1')}`, 'Cookie: b=2'];
        assert.ok((await askRaw(site.url, 'GET', '/look', lines)).text.includes('"u1"'));
      },
    },
    abandoned('a sign-in', '/sign-in?user=u1'),
    abandoned('a sign-out', '/sign-out'),
  ],
};
