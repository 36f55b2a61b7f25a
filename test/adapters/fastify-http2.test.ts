import { once } from 'node:events';
import { type ClientHttp2Session, connect, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import Fastify, { type FastifyReply, type FastifyRequest, type RouteGenericInterface } from 'fastify';
import { activateSessions } from '../../src/adapters/fastify.js';
import { StoreUnavailable } from '../../src/index.js';
import { expectSid } from '../support/fastify-app.js';
import { Shop, sourceModes } from '../support/shop.js';
import { parsed } from '../support/transports.js';

type Request = FastifyRequest<RouteGenericInterface, Http2Server>;
type Reply = FastifyReply<RouteGenericInterface, Http2Server>;

const openApp = () => Fastify({ http2: true });

const ANSWERS: readonly [how: string, answer: (reply: Reply) => unknown][] = [
  ['an object', (reply) => reply.send({ a: 1 })],
  ['a text over 64 KiB', (reply) => reply.send('x'.repeat(200_000))],
  ['a stream', (reply) => reply.send(Readable.from(['a', 'bc'], { objectMode: false }))],
  ['an error', (reply) => reply.send(new RangeError('a bug'))],
  [
    'a hijacked reply',
    (reply) => {
      reply.hijack().raw.writeHead(200, { 'content-type': 'text/plain' });
      reply.raw.end('abc');
    },
  ],
  [
    'write and end of the raw response',
    (reply) => {
      reply.raw.write('a');
      reply.raw.end('bc');
    },
  ],
];

for (const mode of sourceModes) {
  describe(`Fastify over HTTP/2, over a ${mode} source`, () => {
    const shopOf = () => new Shop({ mode, held: mode !== 'synchronous' });
    let app = openApp();
    let client: ClientHttp2Session | undefined;
    const warnings: Error[] = [];
    // Node warns about what HTTP/2 has not.
    const note = (warning: Error) => void (warning.name === 'UnsupportedWarning' && warnings.push(warning));

    beforeEach(() => {
      warnings.length = 0;
      process.on('warning', note);
    });

    afterEach(async () => {
      client?.destroy();
      await app.close();
      process.removeListener('warning', note);
      expect(warnings).to.deep.equal([]);
    });

    /** Serves one route, and asks for it. */
    async function ask(shop: Shop, answer: (request: Request, reply: Reply) => unknown, cookie?: string) {
      app = openApp();
      app.register(activateSessions, { sessionStorage: shop.sessionStorage, cookie: '__Host-sid' });
      app.get('/', (request, reply) => answer(request, reply));
      await app.listen({ port: 0, host: '127.0.0.1' });
      const address: AddressInfo | string | null = app.server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const { port } = address;
      client = connect(`http://127.0.0.1:${port}`);
      const stream = client.request({ ':path': '/', ...(cookie !== undefined && { cookie }) });
      const [headers]: IncomingHttpHeaders[] = await once(stream, 'response');
      return { status: headers?.[':status'], headers: headers ?? {}, body: await text(stream) };
    }

    for (const [how, answer] of ANSWERS) {
      it(`sends the cookie with ${how}`, async () => {
        const shop = shopOf();
        const { headers } = await ask(shop, (request, reply) => {
          request.session.setUser('u2');
          return answer(reply);
        });
        const cookies = (headers['set-cookie'] ?? []).map(parsed);
        // Plain HTTP straight from this machine, as `:authority` says: without the prefix.
        expect(cookies.map(({ key }) => key)).to.deep.equal(['sid']);
        await expectSid(
          shop.storage,
          cookies.map(({ value }) => value),
          'u2',
        );
      });
    }

    it('finds the session of a cookie', async () => {
      const shop = shopOf();
      const cookie = `a=1; sid=${await shop.issue({}, 'u1')}`;
      expect(
        (
          await ask(
            shop,
            async (request) => ({ uid: app.sessions.of(request).uid, read: (await app.sessions.read(request))?.uid }),
            cookie,
          )
        ).body,
      ).to.equal('{"uid":"u1","read":"u1"}');
    });

    if (mode === 'synchronous') return;

    for (const isHijacked of [false, true]) {
      it(`answers a failed commit of a ${isHijacked ? 'hijacked' : 'raw'} reply`, async () => {
        const shop = shopOf();
        shop.source.fail = { commit: new StoreUnavailable('the store is down') };
        const { status, headers } = await ask(shop, (request, reply) => {
          request.session.setUser('u2');
          if (isHijacked) reply.hijack();
          reply.raw.writeHead(200, { 'content-type': 'text/plain' });
          reply.raw.end('made');
        });
        expect([status, headers['set-cookie']]).to.deep.equal([503, undefined]);
        expect(headers['content-type']).to.include('application/json');
      });
    }
  });
}
