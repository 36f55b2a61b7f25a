import assert from 'node:assert/strict';
import { jsonOf } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { type Routes, sessionOf } from './routes.js';

const LOOK: Routes = {
  '/below/look': (call) => ({ json: { uid: call.session()?.uid ?? null } }),
  '/below/sign-in': (call) => {
    sessionOf(call).setUser('u1');
    return { json: {} };
  },
};

export const activationCases: AdapterCases = {
  title: 'several activations',
  cases: [
    {
      title: 'keep two sessions of one client apart',
      async run(bench) {
        const site = await bench.open({
          others: [{ property: 'admin', cookie: 'admin' }],
          routes: {
            '/both': (call) => {
              sessionOf(call).setUser('u1');
              sessionOf(call, 'admin').setUser('root');
              return { json: {} };
            },
            '/who': (call) => ({
              json: { session: sessionOf(call).uid ?? null, admin: sessionOf(call, 'admin').uid ?? null },
            }),
          },
        });
        const client = site.client();
        const names = cookiesOf(await client.ask('/both')).map(({ name }) => name);
        assert.deepEqual(names.sort(), ['admin', 'sid']);
        const who = async () => {
          const response = await client.ask('/who');
          return [jsonOf(response, 'session'), jsonOf(response, 'admin')];
        };
        assert.deepEqual(await who(), ['u1', 'root']);
        await client.ask('/sign-out', { method: 'POST' });
        assert.deepEqual(await who(), [null, 'root']);
      },
    },
    {
      title: 'in a sub-application, they give sessions to its paths only',
      needs: 'sub-applications',
      async run(bench) {
        const site = await bench.open({ mount: '/below', routes: LOOK });
        const client = site.client();
        assert.equal(cookiesOf(await client.ask('/below/sign-in')).length, 1);
        assert.equal(jsonOf(await client.ask('/below/look'), 'uid'), 'u1');
        const outside = await client.ask('/look');
        assert.deepEqual([jsonOf(outside, 'uid'), outside.headers.get('vary')], [null, null]);
      },
    },
    {
      title: 'in an application and its sub-application, they are two sessions of one request',
      needs: 'sub-applications',
      async run(bench) {
        const site = await bench.open({
          others: [{ mount: '/below', property: 'admin', cookie: 'admin' }],
          routes: {
            '/below/both': (call) => {
              sessionOf(call).setUser('u1');
              sessionOf(call, 'admin').setUser('root');
              return { json: {} };
            },
            '/below/who': (call) => ({ json: { session: sessionOf(call).uid, admin: sessionOf(call, 'admin').uid } }),
          },
        });
        const client = site.client();
        assert.equal(cookiesOf(await client.ask('/below/both')).length, 2);
        const who = await client.ask('/below/who');
        assert.deepEqual([jsonOf(who, 'session'), jsonOf(who, 'admin')], ['u1', 'root']);
        assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
      },
    },
  ],
};
