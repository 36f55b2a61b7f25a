import { expect } from 'chai';
import type { FastifyRequest } from 'fastify';
import sinon from 'sinon';
import { StoreUnavailable } from '../../src/index.js';
import { jsonOf } from '../support/answers.js';
import { guardProcess } from '../support/deferred-head.js';
import { FastifyShop, type FastifyWorld, ways } from '../support/fastify-app.js';
import { errorOf } from '../support/outcomes.js';
import { sourceModes } from '../support/shop.js';

for (const mode of sourceModes) {
  const shopOf = (world: Omit<FastifyWorld, 'mode'> = {}) => new FastifyShop({ mode, ...world });
  const down = new StoreUnavailable('the store is down');

  /** A shop, and what it logs. */
  const loggedShop = (world: Omit<FastifyWorld, 'mode' | 'server'>) => {
    const logged: unknown[] = [];
    const stream = { write: (line: string) => void logged.push(Reflect.get(Object(JSON.parse(line)), 'msg')) };
    return { shop: shopOf({ ...world, server: { logger: { level: 'error', stream } } }), logged };
  };

  for (const way of ways) {
    describe(`Fastify when a session cannot be saved, over a ${mode} source and by ${way}`, () => {
      guardProcess();
      const spoiled = (request: FastifyRequest): void => {
        request.session.setUser('u2').sessionData['count'] = Number.NaN;
      };

      it("answers by Fastify's own error handler with the status of the error", async () => {
        const shop = shopOf({ way, held: true });
        shop.shop.source.fail = { commit: down };
        shop.app.get('/', async (request) => ({ uid: request.session.setUser('u2').uid }));
        const got = await shop.ask();
        expect([got.status, jsonOf(got, 'code')]).to.deep.equal([503, 'ERR_SESSION_STORE_UNAVAILABLE']);
        expect(got.headers['set-cookie']).to.equal(undefined);
      });

      it('lets an error handler answer, with nothing left of the other answer but its cookies', async () => {
        const shop = shopOf({ way });
        const seen: unknown[] = [];
        shop.app.get('/', (request, reply) => {
          spoiled(request);
          reply.headers({
            etag: '"made"',
            'cache-control': 'public',
            'cdn-cache-control': 'max-age=60',
            'x-own': '1',
          });
          reply.header('set-cookie', 'theme=dark').redirect('/made', 303);
        });
        shop.app.setErrorHandler((error, _request, reply) => {
          seen.push(error, reply.statusCode);
          reply.send('no');
        });
        const { status, text, headers } = await shop.ask();
        expect([status, text, headers['set-cookie'], headers['x-own']]).to.deep.equal([500, 'no', ['theme=dark'], '1']);
        expect(headers['cache-control']).to.equal('private, no-store');
        const names = ['etag', 'location', 'cdn-cache-control'];
        expect(names.map((name) => headers[name])).to.deep.equal(names.map(() => undefined));
        expect(seen).to.have.length(2);
        expect(seen[0]).to.include({ code: 'ERR_SESSION_DATA_INVALID' });
        expect(seen[1]).to.equal(500);
      });

      it('gives the failure to the error handler of the context, and commits once', async () => {
        const shop = shopOf({ way });
        const commit = sinon.spy(shop.storage, 'commit');
        shop.app.register(async (below) => {
          below.setErrorHandler((_error, _request, reply) => reply.code(418).send('below'));
          below.get('/', async (request) => spoiled(request));
        });
        const got = await shop.ask();
        expect([got.status, got.text, commit.callCount]).to.deep.equal([418, 'below', 1]);
      });

      it('answers though the error handler fails, too', async () => {
        const shop = shopOf({ way });
        shop.app.setErrorHandler(() => {
          throw new RangeError('a bug of the handler');
        });
        shop.app.get('/', async (request) => spoiled(request));
        const got = await shop.ask();
        expect([got.status, jsonOf(got, 'message')]).to.deep.equal([500, 'a bug of the handler']);
      });

      it('gives the failure of a raw answer to the error handler', async () => {
        const shop = shopOf({ way });
        const seen: unknown[] = [];
        shop.app.setErrorHandler((error, _request, reply) => {
          seen.push(error);
          reply.code(500).send('sorry');
        });
        shop.app.get('/', (request, reply) => {
          spoiled(request);
          reply.raw.setHeader('etag', '"made"');
          reply.raw.end('made');
        });
        const { status, text, headers } = await shop.ask();
        expect([status, text, headers['set-cookie'], headers.etag]).to.deep.equal([500, 'sorry', undefined, undefined]);
        expect(seen).to.have.length(1);
      });

      it('answers and logs in place of a hijacked reply', async () => {
        const { shop, logged } = loggedShop({ way, held: true });
        shop.shop.source.fail = { commit: down };
        shop.app.get('/', async (request, reply) => {
          request.session.setUser('u2');
          reply.hijack();
          reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('made');
        });
        const got = await shop.ask();
        expect(got.headers).to.include({ 'content-type': 'application/json; charset=utf-8' });
        expect([got.status, got.headers['set-cookie'], JSON.parse(got.text)]).to.deep.equal([
          503,
          undefined,
          {
            statusCode: 503,
            code: 'ERR_SESSION_STORE_UNAVAILABLE',
            error: 'Service Unavailable',
            message: down.message,
          },
        ]);
        expect(logged).to.deep.equal(['the session of a hijacked reply could not be saved']);
      });
      if (mode !== 'synchronous') {
        it('gives a session that cannot be opened to the error handler, which sees an empty one', async () => {
          const shop = shopOf({ way, held: true });
          const headers = await shop.visitor();
          shop.shop.source.fail = { get: down };
          const handler = sinon.stub().returns('ok');
          shop.app.get('/', handler);
          const seen: unknown[] = [];
          shop.app.setErrorHandler((error, request, reply) => {
            seen.push(error, request.session.uid);
            request.session.sessionData['count'] = 1;
            reply.code(503).send('later');
          });
          const got = await shop.ask('/', { headers });
          expect([got.status, got.text, got.headers['set-cookie']]).to.deep.equal([503, 'later', undefined]);
          expect(seen).to.deep.equal([down, undefined]);
          expect(handler.callCount).to.equal(0);
        });
      }
    });
  }

  describe(`Fastify after the head of a response, over a ${mode} source`, () => {
    guardProcess();
    if (mode !== 'synchronous') {
      it('logs what fails after the head, and cuts the connection', async () => {
        const { shop, logged } = loggedShop({ held: true });
        const handler = sinon.stub();
        shop.app.setErrorHandler(handler);
        shop.app.get('/', (request, reply) => {
          request.session.setUser('u2');
          reply.raw.writeHead(200);
          Reflect.apply(reply.raw.write, reply.raw, [5]);
        });
        await errorOf(() => shop.ask());
        expect(logged).to.deep.equal(['the response failed after its head was sent']);
        expect(handler.callCount).to.equal(0);
      });
    }
  });
}
