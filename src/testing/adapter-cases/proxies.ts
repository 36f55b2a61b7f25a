import assert from 'node:assert/strict';
import { type AdapterBench, jsonOf, type World } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';

const FORWARDED = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.7' };

/** Name and security of the cookie of a new session, which comes back under that name. */
async function cookieFor(bench: AdapterBench, world: World, headers: Readonly<Record<string, string>>) {
  const site = await bench.open(world);
  const [cookie] = cookiesOf(await site.ask('/count', { headers }));
  assert.ok(cookie);
  const { name, value, attributes } = cookie;
  const again = await site.ask('/look', { headers: { ...headers, cookie: `${name}=${value}` } });
  assert.equal(jsonOf(again, 'count'), 1);
  return [name, attributes.has('secure')];
}

export const proxyCases: AdapterCases = {
  title: 'the cookie behind a proxy, and on this machine',
  cases: [
    {
      title: 'is not Secure over plain HTTP, whatever a proxy that is not trusted says',
      async run(bench) {
        assert.deepEqual(await cookieFor(bench, {}, {}), ['sid', false]);
        assert.deepEqual(await cookieFor(bench, {}, FORWARDED), ['sid', false]);
      },
    },
    {
      title: 'is Secure if a trusted proxy says https, and not if that says http',
      needs: 'trusted-proxy',
      async run(bench) {
        const world = { trustProxy: true };
        assert.deepEqual(await cookieFor(bench, world, FORWARDED), ['sid', true]);
        assert.deepEqual(await cookieFor(bench, world, { 'X-Forwarded-Proto': 'http' }), ['sid', false]);
      },
    },
    {
      title: 'loses the prefix of its name only over plain HTTP straight from this machine',
      needs: 'loopback',
      async run(bench) {
        assert.deepEqual(await cookieFor(bench, { cookie: '__Host-sid' }, {}), ['sid', false]);
        assert.deepEqual(await cookieFor(bench, { cookie: '__Host-sid' }, FORWARDED), ['__Host-sid', true]);
      },
    },
    {
      title: 'keeps the prefix of its name behind a trusted proxy',
      needs: 'trusted-proxy',
      async run(bench) {
        const world = { cookie: '__Host-sid', trustProxy: true };
        assert.deepEqual(await cookieFor(bench, world, FORWARDED), ['__Host-sid', true]);
      },
    },
  ],
};
