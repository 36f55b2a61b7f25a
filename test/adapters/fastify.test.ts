import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import sinon from 'sinon';
import { activateSessions } from '../../src/adapters/fastify.js';
import { StoreUnavailable } from '../../src/index.js';
import { cookiesOf, jsonOf } from '../support/answers.js';
import { guardProcess, promised } from '../support/deferred-head.js';
import { FastifyShop, type FastifyWorld, ways } from '../support/fastify-app.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, sourceModes } from '../support/shop.js';

type Route = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Every way of answering that Fastify has, with what the client then reads. */
const ANSWERS: readonly [how: string, body: string, answer: Route][] = [
  ['a returned object', '{"a":1}', async () => ({ a: 1 })],
  ['send of an object', '{"a":1}', (_request, reply) => void reply.send({ a: 1 })],
  ['send of a text', 'abc', (_request, reply) => reply.send('abc')],
  ['send of a buffer', 'abc', (_request, reply) => reply.send(Buffer.from('abc'))],
  ['send of nothing', '', (_request, reply) => reply.send()],
  ['204', '', (_request, reply) => reply.code(204).send()],
  ['a redirect', '', (_request, reply) => reply.redirect('/elsewhere')],
  ['a stream', 'abc', (_request, reply) => reply.send(Readable.from(['a', 'bc'], { objectMode: false }))],
  ['a web stream', 'abc', (_request, reply) => reply.send(Readable.toWeb(Readable.from([Buffer.from('abc')])))],
  ['a Response', 'abc', async () => new Response('abc', { headers: { 'x-own': '1' } })],
  ['an error', 'sorry', () => Promise.reject(new RangeError('a bug'))],
  ['end of the raw response', 'abc', (_request, reply) => void reply.raw.end('abc')],
  [
    'write and end of the raw response',
    'abc',
    (_request, reply) => {
      reply.raw.write('a');
      reply.raw.end('bc');
    },
  ],
  [
    'a hijacked reply',
    'abc',
    async (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'Content-Type': 'text/plain' }).end('abc');
    },
  ],
  [
    'a hijacked reply whose headers are flushed first',
    'abc',
    async (_request, reply) => {
      reply.hijack();
      reply.raw.flushHeaders();
      reply.raw.end('abc');
    },
  ],
];

for (const mode of sourceModes) {
  const shopOf = (world: Omit<FastifyWorld, 'mode'> = {}) => new FastifyShop({ mode, ...world });
  const down = new StoreUnavailable('the store is down');

  for (const way of ways) {
    describe(`Fastify itself, over a ${mode} source and by ${way}`, () => {
      guardProcess();

      for (const [how, body, answer] of ANSWERS) {
        it(`sends the cookie once with ${how}`, async () => {
          const shop = shopOf({ way });
          const commit = sinon.spy(shop.storage, 'commit');
          shop.app.setErrorHandler((_error, _request, reply) => reply.code(500).send('sorry'));
          shop.app.get('/', (request, reply) => {
            request.session.setUser('u2');
            return answer(request, reply);
          });
          const got = await shop.ask();
          await shop.expectSignedIn(got);
          expect([got.text, commit.callCount]).to.deep.equal([body, 1]);
        });
      }

      it('sends the cookie with the HEAD that comes with a GET route', async () => {
        const shop = shopOf({ way });
        shop.app.get('/', async (request) => ({ uid: request.session.setUser('u2').uid }));
        const got = await shop.ask('/', { method: 'HEAD' });
        await shop.expectSignedIn(got);
        expect(got.text).to.equal('');
      });

      it('sends what an error handler puts in the session', async () => {
        const shop = shopOf({ way });
        shop.app.get('/', async () => {
          throw new RangeError('a bug');
        });
        shop.app.setErrorHandler((_error, request, reply) => {
          request.session.setUser('u2');
          reply.code(500).send('sorry');
        });
        const got = await shop.ask();
        await shop.expectSignedIn(got);
        expect([got.status, got.text]).to.deep.equal([500, 'sorry']);
      });

      it('keeps the cookie when a later onSend hook fails, and does not commit again', async () => {
        const shop = shopOf({ way });
        const commit = sinon.spy(shop.storage, 'commit');
        const hook = sinon.stub().resolves();
        hook.onFirstCall().rejects(new RangeError('a bug'));
        shop.app.addHook('onSend', async () => void (await hook()));
        shop.app.get('/', async (request) => ({ uid: request.session.setUser('u2').uid }));
        const got = await shop.ask();
        await shop.expectSignedIn(got);
        expect([got.status, commit.callCount, hook.callCount]).to.deep.equal([500, 1, 2]);
      });

      describe('where no route answers', () => {
        it('has a session in the default answer', async () => {
          const shop = shopOf({ way });
          const headers = await shop.visitor();
          shop.shop.pass(3_600_000);
          const got = await shop.ask('/nowhere', { headers });
          expect(got.status).to.equal(404);
          expect(cookiesOf(got)).to.have.length(1);
        });

        it('has one in the handler of the application, and after callNotFound', async () => {
          const shop = shopOf({ way });
          shop.app.setNotFoundHandler((request, reply) => {
            request.session.setUser('u2');
            reply.code(404).send('not here');
          });
          shop.app.get('/gone', (_request, reply) => reply.callNotFound());
          for (const path of ['/nowhere', '/gone']) {
            const got = await shop.ask(path);
            await shop.expectSignedIn(got);
            expect([got.status, got.text]).to.deep.equal([404, 'not here']);
          }
        });

        it('answers a failed commit', async () => {
          const shop = shopOf({ way, held: true, create: 'eager' });
          shop.shop.source.fail = { commit: down };
          const got = await shop.ask('/nowhere');
          expect([got.status, jsonOf(got, 'code')]).to.deep.equal([503, 'ERR_SESSION_STORE_UNAVAILABLE']);
        });
      });

      it('saves what is changed after the head where there is a store, and reports it where there is none', async () => {
        const shop = shopOf({ way });
        const headers = await shop.visitor();
        const told = promised();
        shop.storage.events.on(mode === 'server-side' ? 'saved' : 'lost-write', () => told.resolve());
        shop.app.addHook('onResponse', async (request) => {
          request.session.sessionData['count'] = 7;
        });
        shop.app.get('/', async (request) => ({ uid: request.session.uid }));
        await shop.ask('/', { headers });
        await told.promise;
      });
    });
  }

  describe(`The plugin for Fastify, over a ${mode} source`, () => {
    guardProcess();

    it('says how to register it, when it is called like a middleware', () => {
      const error = errorOf(
        () => Reflect.apply(activateSessions, undefined, [{ sessionStorage: shopOf().storage, cookie: true }]),
        TypeError,
      );
      expect(error.message).to.include('app.register(activateSessions, { sessionStorage');
    });

    it('sends the cookie though a handler fails after it answered, while its session is being saved', async () => {
      const shop = shopOf();
      shop.app.get('/', async (request, reply) => {
        request.session.setUser('u2');
        reply.send('abc');
        throw new RangeError('a bug');
      });
      await shop.expectSignedIn(await shop.ask());
    });

    for (const option of ['passive', 'only'] as const) {
      it(`gives what ${option} throws to the error handler`, async () => {
        const { sessionStorage } = new Shop({ mode });
        const app = Fastify();
        const fail = () => {
          throw new RangeError('a bug');
        };
        app.register(activateSessions, { sessionStorage, cookie: true, [option]: fail });
        app.setErrorHandler((error, _request, reply) => reply.code(500).send(error instanceof RangeError && 'range'));
        app.get('/', async () => 'ok');
        expect((await app.inject('/')).body).to.equal('range');
      });
    }

    it('refuses wrong options when the application starts', async () => {
      const app = Fastify();
      app.register(activateSessions, { sessionStorage: new Shop({ mode }).sessionStorage });
      expect((await errorOf(() => app.ready(), TypeError)).message).to.include('neither cookie nor header is set');
    });

    it('holds the raw response back until the session is saved, and no longer', async () => {
      const shop = shopOf();
      const isHeld: boolean[] = [];
      const look = (reply: FastifyReply) => isHeld.push(reply.raw.writeHead !== ServerResponse.prototype.writeHead);
      shop.app.addHook('onSend', async (_request, reply) => void look(reply));
      shop.app.get('/', async (request, reply) => ({ uid: request.session.setUser('u2').uid, count: look(reply) }));
      await shop.expectSignedIn(await shop.ask());
      expect(isHeld).to.deep.equal([true, false]);
    });

    it('says where to register it, when it is given a prefix', async () => {
      const app = Fastify();
      const { sessionStorage } = new Shop({ mode });
      app.register(activateSessions, { sessionStorage, cookie: true, prefix: '/inside' });
      expect((await errorOf(() => app.ready(), TypeError)).message).to.include('within the plugin that has the prefix');
    });

    it("takes a session that the application makes, with create 'never'", async () => {
      const shop = shopOf({ create: 'never' });
      shop.app.get('/', async (request) => {
        const before: unknown = request.session;
        const made = await shop.storage.create();
        Object.assign(request, { session: made.setUser('u2') });
        return { before: before === undefined, isSame: Object.is(shop.app.sessions.of(request), made) };
      });
      const got = await shop.ask();
      expect(JSON.parse(got.text)).to.deep.equal({ before: true, isSame: true });
      await shop.expectSignedIn(got);
    });

    it('refuses to replace a session', async () => {
      const shop = shopOf();
      shop.app.get('/', async (request) => {
        const error = errorOf(() => Reflect.set(request, 'session', null));
        return { isRefused: error instanceof TypeError && error.message.includes('revoke()') };
      });
      expect(jsonOf(await shop.ask(), 'isRefused')).to.equal(true);
    });

    it('makes the response vary by looking at the property alone', async () => {
      const shop = shopOf();
      const headers = await shop.visitor();
      shop.app.get('/', async (request) => request.session.uid);
      expect((await shop.ask('/', { headers })).headers.vary).to.equal('Cookie');
    });

    describe('sessions.read', () => {
      it('looks without touching, sending or making the response vary', async () => {
        const shop = shopOf();
        const commit = sinon.spy(shop.storage, 'commit');
        const headers = await shop.visitor();
        const before = shop.shop.clock.now();
        shop.shop.pass(3_600_000);
        const app = Fastify();
        app.get('/', async (request) => {
          await shop.app.ready();
          const found = await Promise.all([request, request.raw].map((one) => shop.app.sessions.read(one)));
          return found.map((session) => [session?.uid, session?.lastAccess]);
        });
        const got = await app.inject({ url: '/', headers });
        expect(got.json()).to.deep.equal([
          ['u1', before],
          ['u1', before],
        ]);
        expect([got.headers.vary, got.headers['set-cookie'], commit.callCount]).to.deep.equal([
          undefined,
          undefined,
          0,
        ]);
      });

      it('knows the name that a prefixed cookie has behind a trusted proxy', async () => {
        const shop = shopOf({ cookie: '__Host-sid', server: { trustProxy: true } });
        const cookie = `__Host-${(await shop.visitor())['cookie']}`;
        shop.app.get('/', async (request) => ({ uid: (await shop.app.sessions.read(request))?.uid ?? null }));
        const forwarded = await shop.ask('/', { headers: { cookie, 'x-forwarded-proto': 'https' } });
        expect(jsonOf(forwarded, 'uid')).to.equal('u1');
        expect(jsonOf(await shop.ask('/', { headers: { cookie } }), 'uid'), 'from this machine').to.equal(null);
      });
    });

    it('closes an application when the requests in progress are answered, with their sessions', async () => {
      const shop = shopOf({ held: true });
      const [committing, released] = [promised(), promised()];
      shop.shop.source.hold = () => {
        committing.resolve();
        return released.promise;
      };
      shop.app.get('/', async (request) => ({ uid: request.session.setUser('u2').uid }));
      await shop.app.listen({ port: 0, host: '127.0.0.1' });
      const address = shop.app.server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const answering = fetch(`http://127.0.0.1:${address.port}/`);
      await committing.promise;
      const closing = shop.app.close();
      released.resolve();
      const answer = await answering;
      await closing;
      expect(answer.status).to.equal(200);
      expect(answer.headers.getSetCookie()).to.have.length(1);
    });
  });
}
