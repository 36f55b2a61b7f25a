import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { GRACE, jsonOf } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';

const SCOPE = ['path', 'domain', 'samesite', 'httponly'];

export const transportCases: AdapterCases = {
  title: 'cookie and header',
  cases: [
    {
      title: 'a session is kept by the header alone',
      async run(bench) {
        const site = await bench.open({ cookie: false, header: true });
        const first = await site.ask('/count');
        const sid = first.headers.get('x-session-id') ?? '';
        assert.deepEqual(cookiesOf(first), []);
        assert.equal(jsonOf(await site.ask('/count', { headers: { 'X-SESSION-ID': sid } }), 'count'), 2);
      },
    },
    {
      title: 'a request with the header is judged by the header alone',
      async run(bench) {
        const site = await bench.open({ header: true });
        const cookie = `sid=${await bench.issue({}, 'by-cookie')}`;
        const sid = await bench.issue({}, 'by-header');
        assert.equal(await site.whoIs({ cookie, 'X-Session-Id': sid }), 'by-header');
        for (const header of ['junk', 'a b']) assert.equal(await site.whoIs({ cookie, 'X-Session-Id': header }), null);
        assert.equal(await site.whoIs({ cookie }), 'by-cookie');
      },
    },
    {
      title: 'a sid in the query string opens nothing',
      async run(bench) {
        const site = await bench.open({ header: true });
        const sid = await bench.issue({}, 'u1');
        assert.equal(jsonOf(await site.ask(`/look?sid=${sid}&X-Session-Id=${sid}`), 'uid'), null);
      },
    },
    {
      title: 'the header goes out beside the CORS headers of the application',
      async run(bench) {
        const cors = {
          'Access-Control-Allow-Origin': 'https://app.example',
          'Access-Control-Expose-Headers': 'X-Session-Id',
        };
        const site = await bench.open({
          cookie: false,
          header: true,
          routes: {
            '/cors': (call) => {
              call.session()?.setUser('u1');
              return { json: {}, headers: cors };
            },
          },
        });
        const { headers } = await site.ask('/cors', { method: 'POST', headers: { Origin: 'https://app.example' } });
        assert.equal(await bench.uidOf(headers.get('x-session-id') ?? ''), 'u1');
        for (const [name, value] of Object.entries(cors)) assert.equal(headers.get(name), value);
      },
    },
    {
      title: 'OPTIONS, such as a preflight, opens, changes and sends no session',
      async run(bench) {
        const site = await bench.open({ header: true, create: 'eager' });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        const preflight = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' };
        for (const path of ['/look', '/count', '/sign-out']) {
          const response = await site.ask(path, { method: 'OPTIONS', headers: { ...headers, ...preflight } });
          assert.deepEqual([cookiesOf(response), response.headers.get('x-session-id')], [[], null]);
        }
        assert.equal(jsonOf(await site.ask('/look', { method: 'OPTIONS', headers }), 'uid'), null);
        assert.equal(await site.whoIs(headers), 'u1');
      },
    },
    {
      title: 'a sign-out ends and clears both',
      async run(bench) {
        const site = await bench.open({ header: true });
        const client = site.client();
        await client.ask('/sign-in?user=u1');
        const sid = client.cookies.get('sid') ?? '';
        const response = await client.ask('/sign-out', { method: 'POST' });
        assert.equal(response.headers.get('x-session-id'), '');
        assert.equal(client.cookies.has('sid'), false);
        for (const headers of [{ cookie: `sid=${sid}` }, { 'X-Session-Id': sid }]) {
          assert.equal(await site.whoIs(headers), null);
          bench.clock.advance(GRACE);
          assert.equal(await site.whoIs(headers), null);
        }
      },
    },
    {
      title: 'a cookie is cleared with the attributes that it was set with',
      async run(bench) {
        const site = await bench.open({
          cookie: { name: 'app', path: '/', sameSite: 'strict', domain: 'shop.example' },
        });
        const client = site.client();
        const set = cookiesOf(await client.ask('/sign-in?user=u1')).find(({ value }) => value !== '');
        const cleared = cookiesOf(await client.ask('/sign-out', { method: 'POST' }));
        const scopes = cleared.map(({ name, value, attributes }) => [
          name,
          value,
          ...SCOPE.map((one) => attributes.get(one)),
        ]);
        const expected = ['app', '', ...SCOPE.map((one) => set?.attributes.get(one))];
        assert.ok(scopes.some((one) => isDeepStrictEqual(one, expected)));
        assert.equal(client.cookies.has('app'), false);
      },
    },
    {
      title: 'two cookies with different sessions open none, and are cleared',
      async run(bench) {
        const site = await bench.open({ cookie: { alsoClear: [{ path: '/look' }] } });
        const suspicious = bench.eventsOf('suspicious');
        const [own, planted] = [await bench.issue({}, 'u1'), await bench.issue({}, 'attacker')];
        const response = await site.ask('/look', { headers: { cookie: `sid=${planted}; sid=${own}` } });
        assert.equal(jsonOf(response, 'uid'), null);
        assert.deepEqual(
          cookiesOf(response).map(({ name, value }) => [name, value]),
          [
            ['sid', ''],
            ['sid', ''],
          ],
        );
        assert.deepEqual(suspicious, ['suspicious']);
        assert.equal(await site.whoIs({ cookie: `sid=${own}; sid=${own}` }), 'u1');
      },
    },
    {
      title: 'a token that is too large for a cookie goes to the error handler, and the old session lives on',
      kind: 'tokens',
      async run(bench) {
        const site = await bench.open({
          routes: {
            '/large': (call) => {
              call.session()?.set('sessionData', { text: 'x'.repeat(4096) });
              return { json: {} };
            },
          },
        });
        const headers = { cookie: `sid=${await bench.issue({ count: 7 })}` };
        const response = await site.ask('/large', { headers });
        assert.deepEqual([response.status, jsonOf(response, 'code')], [500, 'ERR_SESSION_TOO_LARGE']);
        assert.deepEqual([cookiesOf(response), site.errors.length], [[], 1]);
        assert.equal(jsonOf(await site.ask('/look', { headers }), 'count'), 7);
      },
    },
  ],
};
