import assert from 'node:assert/strict';
import { type AdapterBench, jsonOf, type World } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { askRaw } from './socket.js';

type Headers = Readonly<Record<string, string>>;

const EVIL = 'https://evil.example';
const CROSS_SITE = { origin: EVIL, 'sec-fetch-site': 'cross-site' };

/** A site, and what becomes of a POST with the cookie of u1: another status than 200, or who is signed in. */
async function visited(bench: AdapterBench, world?: World) {
  const site = await bench.open(world);
  const cookie = `sid=${await bench.issue({}, 'u1')}`;
  const post = async (headers: Headers): Promise<unknown> => {
    const response = await site.ask('/look', { method: 'POST', headers: { cookie, ...headers } });
    return response.status === 200 ? jsonOf(response, 'uid') : response.status;
  };
  return { site, cookie, post, own: new URL(site.url).origin };
}

export const crossSiteCases: AdapterCases = {
  title: 'a request that another site made the browser send',
  cases: [
    {
      title: 'is a 403 of the error handler, and leaves the session as it was',
      async run(bench) {
        const { site, cookie, post } = await visited(bench);
        const response = await site.ask('/sign-out', { method: 'POST', headers: { cookie, ...CROSS_SITE } });
        assert.deepEqual([response.status, jsonOf(response, 'code')], [403, 'EBADCSRFTOKEN']);
        assert.deepEqual([cookiesOf(response), site.errors.length], [[], 1]);
        assert.equal(await post({}), 'u1');
      },
    },
    {
      title: 'is refused without a cookie too, so that it signs nobody in',
      async run(bench) {
        const site = await bench.open();
        const response = await site.ask('/sign-in?user=mallory', { method: 'POST', headers: CROSS_SITE });
        assert.deepEqual([response.status, cookiesOf(response)], [403, []]);
      },
    },
    {
      title: 'may read: GET passes',
      async run(bench) {
        const { site, cookie } = await visited(bench);
        assert.equal(await site.whoIs({ cookie, ...CROSS_SITE }), 'u1');
      },
    },
    {
      title: 'is known by Origin if there is no Sec-Fetch-Site',
      async run(bench) {
        const { post, own } = await visited(bench);
        assert.equal(await post({ origin: own }), 'u1');
        for (const origin of [EVIL, 'null', `${own}0`, 'http://203.0.113.7', own.replace('127.0.0.1', 'localhost')])
          assert.equal(await post({ origin }), 403, origin);
      },
    },
    {
      title: 'may come from a listed origin',
      async run(bench) {
        const { post } = await visited(bench, { csrf: { origins: [EVIL] } });
        assert.equal(await post(CROSS_SITE), 'u1');
        assert.equal(await post({ ...CROSS_SITE, origin: 'https://other.example' }), 403);
      },
    },
    {
      title: 'passes if there is no check',
      async run(bench) {
        const { post } = await visited(bench, { csrf: false });
        assert.equal(await post(CROSS_SITE), 'u1');
      },
    },
    {
      title: 'is compared with the host that a trusted proxy forwarded',
      needs: 'trusted-proxy',
      async run(bench) {
        const { post } = await visited(bench, { trustProxy: true });
        const forwarded = { 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };
        assert.equal(await post({ ...forwarded, origin: 'https://shop.example' }), 'u1');
        for (const origin of ['http://shop.example', EVIL]) assert.equal(await post({ ...forwarded, origin }), 403);
        const onPort = { 'x-forwarded-host': 'shop.example:8443', 'x-forwarded-proto': 'https' };
        assert.equal(await post({ ...onPort, origin: 'https://shop.example:8443' }), 'u1');
        assert.equal(await post({ ...onPort, origin: 'https://shop.example' }), 403);
      },
    },
    {
      title: 'is compared with its own host if the proxy is not trusted',
      async run(bench) {
        const { post, own } = await visited(bench);
        const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
        assert.equal(await post({ ...forwarded, origin: EVIL }), 403);
        assert.equal(await post({ ...forwarded, origin: own }), 'u1');
      },
    },
    {
      title: 'cannot hide behind a header that comes twice',
      isOfConnections: true,
      async run(bench) {
        const { site, cookie, own } = await visited(bench);
        for (const [status, ...lines] of [
          [200, `Origin: ${own}`],
          [403, 'Origin: '],
          [403, `Origin: ${own}`, `Origin: ${EVIL}`],
          [403, `Origin: ${EVIL}`, `Origin: ${own}`],
          [403, `Origin: ${own}`, `Origin: ${own}`],
          [200, 'Sec-Fetch-Site: same-origin'],
          [403, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
          [403, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'],
          [403, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin'],
        ] as const) {
          const response = await askRaw(site.url, 'POST', '/look', [`Cookie: ${cookie}`, ...lines]);
          assert.equal(response.status, status, lines.join());
        }
      },
    },
  ],
};
