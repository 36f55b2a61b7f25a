import assert from 'node:assert/strict';
import { GRACE, jsonOf } from './bench.js';
import type { AdapterCase, AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { meetingOf } from './meeting.js';
import { sessionOf } from './routes.js';

function twoSignIns(before: 'with' | 'without'): AdapterCase {
  return {
    title: `are signed in when a sign-in is submitted twice, ${before} a session before`,
    async run(bench) {
      const both = meetingOf(2);
      const site = await bench.open({
        routes: {
          '/sign-in-together': async (call) => {
            sessionOf(call).setUser('u1');
            await both();
            return { redirect: '/look' };
          },
        },
      });
      const client = site.client();
      if (before === 'with') await client.ask('/count');
      const submit = () => client.ask('/sign-in-together', { method: 'POST' });
      const responses = await Promise.all([submit(), submit()]);
      assert.deepEqual(
        responses.map(({ status }) => status),
        [302, 302],
      );
      assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
    },
  };
}

/** @param users how many there are in the largest case */
export const atOnceCases = (users: number): AdapterCases => ({
  title: 'requests at the same time',
  cases: [
    {
      title: 'keep the changes of both',
      kind: 'store',
      async run(bench) {
        const both = meetingOf(2);
        const site = await bench.open({
          routes: {
            '/one': async (call) => {
              const { sessionData } = sessionOf(call);
              await both();
              sessionData.count = 5;
              return { json: {} };
            },
            '/other': async (call) => {
              const { sessionData } = sessionOf(call);
              await both();
              sessionData.text = 'kept';
              return { json: {} };
            },
          },
        });
        const sid = await bench.issue({ count: 1 }, 'u1');
        const headers = { cookie: `sid=${sid}` };
        await Promise.all([site.ask('/one', { headers }), site.ask('/other', { headers })]);
        const { sessionData } = await bench.storage.get(sid);
        assert.deepEqual(sessionData, { count: 5, text: 'kept' });
      },
    },
    {
      title: 'get one successor when all of them rotate, and nobody is signed out',
      async run(bench) {
        const all = meetingOf(10);
        const site = await bench.open({
          routes: {
            '/rotate-together': async (call) => {
              sessionOf(call).rotate();
              await all();
              return { json: { uid: sessionOf(call).uid } };
            },
          },
        });
        const client = site.client();
        await client.ask('/sign-in?user=u1');
        const old = { cookie: `sid=${client.cookies.get('sid')}` };
        const responses = await Promise.all(Array.from({ length: 10 }, () => client.ask('/rotate-together')));
        assert.deepEqual(new Set(responses.map((one) => jsonOf(one, 'uid'))), new Set(['u1']));
        assert.equal(responses.flatMap(cookiesOf).length, 1);
        assert.equal(await site.whoIs(old), 'u1');
        bench.clock.advance(GRACE);
        assert.equal(await site.whoIs(old), null);
        assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
      },
    },
    twoSignIns('with'),
    twoSignIns('without'),
    {
      title: 'cannot undo a sign-out: a late change is not saved',
      async run(bench) {
        const arrive = meetingOf(2);
        const leave = meetingOf(2);
        const site = await bench.open({
          routes: {
            '/slow': async (call) => {
              const { sessionData } = sessionOf(call);
              await arrive();
              await leave();
              sessionData.count = 1;
              return { json: {} };
            },
          },
        });
        const events = bench.eventsOf('ended', 'cleared', 'refused-late-save');
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        const slow = site.ask('/slow', { headers });
        await arrive();
        await site.ask('/sign-out', { headers });
        await leave();
        const response = await slow;
        assert.deepEqual([response.status, cookiesOf(response)], [200, []]);
        assert.deepEqual(events, ['ended', 'cleared', 'refused-late-save']);
        assert.equal(await site.whoIs(headers), null);
      },
    },
    {
      title: 'of many users are never mixed up',
      async run(bench) {
        const all = meetingOf(users);
        const site = await bench.open({
          routes: {
            '/meet': async (call) => {
              const session = sessionOf(call);
              session.setUser(`${session.uid}`, { name: call.query('name') });
              session.sessionData.count = Number(call.query('count'));
              await all();
              return { json: { uid: session.uid, name: session.userData.name, count: session.sessionData.count } };
            },
          },
        });
        const sids = await Promise.all(Array.from({ length: users }, (_, i) => bench.issue({}, `user-${i}`)));
        await Promise.all(
          sids.map(async (sid, i) => {
            const response = await site.ask(`/meet?count=${i}&name=name-${i}`, { headers: { cookie: `sid=${sid}` } });
            const expected = [`user-${i}`, `name-${i}`, i];
            assert.deepEqual(
              ['uid', 'name', 'count'].map((name) => jsonOf(response, name)),
              expected,
            );
            const { uid, userData, sessionData } = await bench.storage.get(cookiesOf(response)[0]?.value);
            assert.deepEqual([uid, userData.name, sessionData.count], expected);
          }),
        );
      },
    },
    {
      title: 'are answered only when the session is stored: no redirect arrives before it',
      kind: 'store',
      async run(bench) {
        const site = await bench.open({
          routes: {
            '/go': (call) => {
              sessionOf(call).setUser('u1');
              return { redirect: '/look' };
            },
          },
        });
        const gate = bench.hold('create');
        const order: string[] = [];
        const answering = site.ask('/go').then((response) => {
          order.push('answered');
          return response;
        });
        await gate.reached;
        await site.ask('/look');
        order.push('stored');
        gate.release();
        const response = await answering;
        assert.deepEqual(order, ['stored', 'answered']);
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
  ],
});
