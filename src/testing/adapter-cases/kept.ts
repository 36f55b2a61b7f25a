import assert from 'node:assert/strict';
import { GRACE, HOUR, jsonOf } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { sessionOf } from './routes.js';

const WEEK = 168 * HOUR;

export const keptCases: AdapterCases = {
  title: 'a session from request to request',
  cases: [
    {
      title: 'is sent once it has data, and kept',
      async run(bench) {
        const client = (await bench.open()).client();
        assert.deepEqual(cookiesOf(await client.ask('/look')), []);
        assert.equal(cookiesOf(await client.ask('/count')).length, 1);
        assert.equal(jsonOf(await client.ask('/count'), 'count'), 2);
        assert.deepEqual(cookiesOf(await client.ask('/look')), []);
        assert.equal(jsonOf(await client.ask('/look'), 'count'), 2);
      },
    },
    {
      title: "is sent at once with create: 'eager'",
      async run(bench) {
        const site = await bench.open({ create: 'eager' });
        assert.equal(cookiesOf(await site.ask('/plain')).length, 1);
      },
    },
    {
      title: "does not exist without a sid with create: 'never'",
      async run(bench) {
        const site = await bench.open({
          create: 'never',
          routes: { '/has': (call) => ({ json: { has: call.session() !== undefined } }) },
        });
        assert.equal(jsonOf(await site.ask('/has'), 'has'), false);
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        assert.equal(jsonOf(await site.ask('/has', { headers }), 'has'), true);
      },
    },
    {
      title: 'gets a new sid when its user signs in',
      async run(bench) {
        const client = (await bench.open()).client();
        await client.ask('/count');
        const old = client.cookies.get('sid');
        assert.equal(cookiesOf(await client.ask('/sign-in?user=u1')).length, 1);
        assert.notEqual(client.cookies.get('sid'), old);
        const look = await client.ask('/look');
        assert.deepEqual([jsonOf(look, 'uid'), jsonOf(look, 'count')], ['u1', 1]);
      },
    },
    {
      title: 'opens nothing by the sid from before a sign-in',
      async run(bench) {
        const site = await bench.open();
        const client = site.client();
        await client.ask('/count');
        const cookie = `sid=${client.cookies.get('sid')}`;
        await client.ask('/sign-in?user=u1');
        assert.equal(await site.whoIs({ cookie }), null);
      },
    },
    {
      title: 'gets a new sid when it is rotated, and is opened by the old one until the grace is over',
      async run(bench) {
        const site = await bench.open();
        const client = site.client();
        await client.ask('/sign-in?user=u1');
        const old = { cookie: `sid=${client.cookies.get('sid')}` };
        assert.equal(cookiesOf(await client.ask('/rotate')).length, 1);
        assert.notEqual(`sid=${client.cookies.get('sid')}`, old.cookie);
        assert.equal(await site.whoIs(old), 'u1');
        bench.clock.advance(GRACE);
        assert.equal(await site.whoIs(old), null);
        assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
      },
    },
    {
      title: 'expires when it has not been used for its idle timeout, and lives on when it has',
      outlastsLog: true,
      async run(bench) {
        const site = await bench.open();
        const [used, unused] = [site.client(), site.client()];
        for (const client of [used, unused]) await client.ask('/sign-in?user=u1');
        bench.clock.advance(WEEK - HOUR);
        assert.equal(jsonOf(await used.ask('/look'), 'uid'), 'u1');
        bench.clock.advance(HOUR);
        assert.equal(jsonOf(await used.ask('/look'), 'uid'), 'u1');
        assert.equal(jsonOf(await unused.ask('/look'), 'uid'), null);
      },
    },
    {
      title: 'expires at its absolute timeout, though it is used all the time',
      outlastsLog: true,
      async run(bench) {
        const client = (await bench.open()).client();
        await client.ask('/sign-in?user=u1');
        for (let week = 1; week < 16; week += 1) {
          bench.clock.advance(WEEK / 2);
          assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
        }
        bench.clock.advance(WEEK / 2);
        assert.equal(jsonOf(await client.ask('/look'), 'uid'), null);
      },
    },
    {
      title: 'is not kept alive by passive requests',
      async run(bench) {
        const site = await bench.open({ passive: (path) => path === '/plain' });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        bench.clock.advance(HOUR);
        assert.deepEqual(cookiesOf(await site.ask('/plain', { headers })), []);
        assert.equal(cookiesOf(await site.ask('/look', { headers })).length, 1);
      },
    },
    {
      title: 'is there only where the option only says so',
      async run(bench) {
        const site = await bench.open({ only: (path) => path !== '/look', create: 'eager' });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        const look = await site.ask('/look', { headers });
        assert.deepEqual([jsonOf(look, 'uid'), look.headers.get('vary'), cookiesOf(look)], [null, null, []]);
        bench.clock.advance(1);
        assert.equal(cookiesOf(await site.ask('/count', { headers })).length, 1);
      },
    },
    {
      title: 'is found in another property',
      async run(bench) {
        const site = await bench.open({
          property: 'visit',
          routes: { '/visit': (call) => ({ json: { uid: sessionOf(call, 'visit').uid } }) },
        });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        assert.equal(jsonOf(await site.ask('/visit', { headers }), 'uid'), 'u1');
      },
    },
  ],
};
