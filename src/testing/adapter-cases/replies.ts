import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { AdapterReply } from '../adapter-app.js';
import { type AdapterBench, jsonOf, textOf } from './bench.js';
import type { AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { sessionOf } from './routes.js';

/** A site on which `/reply` signs u1 in and gives this reply. */
async function replying(bench: AdapterBench, reply: AdapterReply) {
  return await bench.open({
    routes: {
      '/reply': (call) => {
        sessionOf(call).setUser('u1');
        return reply;
      },
    },
  });
}

export const replyCases: AdapterCases = {
  title: 'the session goes out with',
  cases: [
    {
      title: 'a text and its length',
      needs: 'content-length',
      async run(bench) {
        const response = await (await replying(bench, { text: 'grüße' })).ask('/reply');
        assert.deepEqual([textOf(response), response.headers.get('content-length')], ['grüße', '7']);
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: 'JSON, and the status, headers and cookies of the application',
      async run(bench) {
        const headers = { 'Set-Cookie': ['theme=dark', 'lang=en'], Vary: 'Accept', 'X-Own': 'yes' };
        const response = await (await replying(bench, { status: 201, json: { a: 1 }, headers })).ask('/reply');
        assert.deepEqual([response.status, jsonOf(response, 'a'), response.headers.get('x-own')], [201, 1, 'yes']);
        assert.equal(response.headers.get('vary'), 'Accept, Cookie');
        assert.deepEqual(
          cookiesOf(response).map(({ name }) => name),
          ['theme', 'lang', 'sid'],
        );
      },
    },
    {
      title: 'a redirect, after which the next request finds it',
      async run(bench) {
        const client = (await replying(bench, { redirect: '/look' })).client();
        const { status, headers } = await client.ask('/reply', { method: 'POST' });
        assert.deepEqual([status, headers.get('location')], [302, '/look']);
        assert.equal(jsonOf(await client.ask('/look'), 'uid'), 'u1');
      },
    },
    {
      title: 'a stream, which arrives whole',
      async run(bench) {
        const bytes = Buffer.alloc(1_000_000, 'abcdefg');
        const chunks = Array.from({ length: 16 }, (_, i) => bytes.subarray(i * 62_500, (i + 1) * 62_500));
        const stream = Readable.from(chunks, { objectMode: false });
        const response = await (await replying(bench, { stream })).ask('/reply');
        assert.ok(bytes.equals(response.body));
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: 'the answer to HEAD, which has no body',
      async run(bench) {
        const response = await (await replying(bench, { text: 'hello' })).ask('/reply', { method: 'HEAD' });
        assert.equal(textOf(response), '');
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: '204, which has no body',
      async run(bench) {
        const response = await (await replying(bench, { status: 204, empty: true })).ask('/reply');
        assert.deepEqual([response.status, textOf(response)], [204, '']);
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: '304, which has no body',
      async run(bench) {
        const reply: AdapterReply = { status: 304, empty: true, headers: { ETag: '"1"' } };
        const response = await (await replying(bench, reply)).ask('/reply', { headers: { 'If-None-Match': '"1"' } });
        assert.deepEqual([response.status, textOf(response), response.headers.get('etag')], [304, '', '"1"']);
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: 'a part of a file',
      async run(bench) {
        const headers = { 'Content-Range': 'bytes 1-3/10', 'Content-Type': 'text/plain' };
        const reply: AdapterReply = { status: 206, text: 'bcd', headers };
        const response = await (await replying(bench, reply)).ask('/reply', { headers: { Range: 'bytes=1-3' } });
        assert.deepEqual(
          [response.status, textOf(response), response.headers.get('content-range')],
          [206, 'bcd', 'bytes 1-3/10'],
        );
        assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
      },
    },
    {
      title: 'no headers of its own where it was neither read nor sent',
      async run(bench) {
        const site = await bench.open();
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        const response = await site.ask('/plain', { headers });
        for (const name of ['vary', 'cache-control', 'set-cookie']) assert.equal(response.headers.get(name), null);
      },
    },
    {
      title: 'Vary where it was read, and no-store where it was sent',
      async run(bench) {
        const site = await bench.open({ header: true });
        const read = await site.ask('/look');
        assert.deepEqual([read.headers.get('vary'), read.headers.get('cache-control')], ['Cookie, X-Session-Id', null]);
        const sent = await site.ask('/count');
        assert.deepEqual(
          [sent.headers.get('vary'), sent.headers.get('cache-control')],
          ['Cookie, X-Session-Id', 'private, no-store'],
        );
      },
    },
    {
      title: 'no-store in place of what would let caches keep a response with a sid',
      async run(bench) {
        const headers = { 'Cache-Control': 'public, max-age=600', 'CDN-Cache-Control': 'max-age=600' };
        const response = await (await replying(bench, { text: 'x', headers })).ask('/reply');
        assert.equal(response.headers.get('cache-control'), 'private, no-store');
        assert.equal(response.headers.get('cdn-cache-control'), null);
      },
    },
  ],
};
