import cookie from '@fastify/cookie';
import { expect } from 'chai';
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from 'fastify';
import { activateSessions, type FastifySessions } from '../../src/adapters/fastify.js';
import { cookiesOf } from '../support/answers.js';
import { guardProcess } from '../support/deferred-head.js';
import { expectSid, FastifyShop, injectInto } from '../support/fastify-app.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, type ShopSession, sourceModes } from '../support/shop.js';

/** A string, so that the declared type of `request.session` says nothing about decorators. */
const PROPERTY: string = 'session';

for (const mode of sourceModes) {
  describe(`Contexts of Fastify, over a ${mode} source`, () => {
    guardProcess();
    const optionsOf = (shop: Shop, property = 'session') => ({
      sessionStorage: shop.sessionStorage,
      cookie: property === 'session' ? 'sid' : property,
      property,
    });

    /** Signs u2 in where there is a session, and says whether there was one. */
    const signIn = async (request: FastifyRequest) => {
      const isThere = request.session instanceof Object;
      if (isThere) request.session.setUser('u2');
      return { isThere };
    };
    const isThere = async (app: FastifyInstance, path: string): Promise<boolean> => {
      const answer = await injectInto(app, { url: path });
      expect(cookiesOf(answer)).to.have.length(JSON.parse(answer.text).isThere === true ? 1 : 0);
      return cookiesOf(answer).length > 0;
    };

    it('have a session in the one that registers the plugin and those within, and in no other', async () => {
      const app = Fastify();
      const shop = new Shop({ mode });
      app.get('/outside', signIn);
      app.register(
        async (inside) => {
          inside.register(activateSessions, optionsOf(shop));
          inside.get('/', signIn);
          inside.register(async (within) => within.get('/within', signIn));
          inside.setNotFoundHandler(signIn);
        },
        { prefix: '/inside' },
      );
      app.register(async (sibling) => sibling.get('/sibling', signIn));
      const paths = ['/inside', '/inside/within', '/inside/nowhere', '/outside', '/sibling'];
      const found = await Promise.all(paths.map((path) => isThere(app, path)));
      expect(found).to.deep.equal([true, true, true, false, false]);
      const nowhere = await injectInto(app, { url: '/nowhere', headers: { cookie: 'sid=junk' } });
      expect([nowhere.status, nowhere.headers.vary]).to.deep.equal([404, undefined]);
      expect([app.hasDecorator('sessions'), app.hasRequestDecorator('session')]).to.deep.equal([false, false]);
    });

    it('that were registered before the plugin have a session, too', async () => {
      const app = Fastify();
      app.register(async (within) => within.get('/within', signIn));
      app.register(activateSessions, optionsOf(new Shop({ mode })));
      expect(await isThere(app, '/within')).to.equal(true);
    });

    it('can have plugins that depend on this one', async () => {
      const app = Fastify();
      const dependent: FastifyPluginAsync = Object.assign(async () => undefined, {
        [Symbol.for('plugin-meta')]: { name: 'dependent', dependencies: ['sessions-jwt'] },
      });
      app.register(activateSessions, optionsOf(new Shop({ mode })));
      app.register(dependent);
      await app.ready();
      const without = Fastify();
      without.register(dependent);
      await errorOf(() => without.ready());
    });

    it('say it when a request did not pass the plugin', async () => {
      const app = Fastify();
      const sessions: FastifySessions[] = [];
      app.register(async (inside) => {
        await inside.register(activateSessions, optionsOf(new Shop({ mode })));
        sessions.push(inside.sessions);
      });
      app.get('/', async (request) => sessions.map((one) => errorOf(() => one.of(request), TypeError).message));
      expect((await app.inject('/')).body).to.include('did not pass this activateSessions');
    });

    const twice: readonly [where: string, register: (app: FastifyInstance, one: FastifyPluginAsync) => void][] = [
      ['in one context', (app, one) => void app.register(one).register(one)],
      ['in a context within', (app, one) => void app.register(one).register(async (within) => within.register(one))],
      ['in the context around', (app, one) => void app.register(async (within) => within.register(one)).register(one)],
    ];
    for (const [where, register] of twice) {
      it(`refuse a second activation with the same property ${where}`, async () => {
        const app = Fastify();
        const shop = new Shop({ mode });
        const one: FastifyPluginAsync = async (instance) => activateSessions(instance, optionsOf(shop));
        register(app, Object.assign(one, { [Symbol.for('skip-override')]: true }));
        const error = await errorOf(() => app.ready(), TypeError);
        expect(error.message).to.include('already has a property "session"').and.include('options property and cookie');
      });
    }

    it('side by side can each have an activation with the same property', async () => {
      const app = Fastify();
      const [one, other] = [new Shop({ mode }), new Shop({ mode })];
      for (const [path, shop] of [
        ['/one', one],
        ['/other', other],
      ] as const) {
        app.register(async (inside) => {
          inside.register(activateSessions, optionsOf(shop));
          inside.get(path, signIn);
        });
      }
      await expectSid(one.storage, cookiesOf(await injectInto(app, { url: '/one' })), 'u2');
      await expectSid(other.storage, cookiesOf(await injectInto(app, { url: '/other' })), 'u2');
    });

    for (const where of ['the same context', 'a context within'] as const) {
      it(`can have a second activation with another property in ${where}`, async () => {
        const app = Fastify();
        const [shop, account] = [new Shop({ mode }), new Shop({ mode })];
        app.register(activateSessions, optionsOf(shop));
        const second: FastifyPluginAsync = async (instance) => {
          await instance.register(activateSessions, optionsOf(account, 'account'));
          const accounts = instance.getDecorator<FastifySessions<ShopSession>>('accountSessions');
          instance.get('/', async (request) => {
            request.session.setUser('u2');
            accounts.of(request).setUser('u3');
            return {
              isApart: request.getDecorator('account') !== request.session,
              isFound: instance.sessions.of(request) === request.session,
            };
          });
        };
        const isSame = where === 'the same context';
        app.register(Object.assign(second, { [Symbol.for('skip-override')]: isSame }));
        const answer = await injectInto(app, { url: '/' });
        expect(JSON.parse(answer.text)).to.deep.equal({ isApart: true, isFound: true });
        await expectSid(shop.storage, cookiesOf(answer), 'u2');
        await expectSid(account.storage, cookiesOf(answer, 'account'), 'u3');
        expect(app.hasDecorator('accountSessions')).to.equal(isSame);
      });
    }

    it('use a placeholder that the application decorated its requests with', async () => {
      const app = Fastify();
      app.decorateRequest(PROPERTY, null);
      app.register(activateSessions, optionsOf(new Shop({ mode })));
      app.get('/', signIn);
      expect(await isThere(app, '/')).to.equal(true);
    });

    it('refuse to hide the session of another package', async () => {
      const app = Fastify();
      app.decorateRequest(PROPERTY, { getter: () => ({}) });
      app.register(activateSessions, optionsOf(new Shop({ mode })));
      app.get('/', signIn);
      const answer = await app.inject('/');
      expect([answer.statusCode, answer.json().message]).to.deep.equal([
        500,
        'activateSessions: the request already has a property "session", of another session package or another activateSessions: remove that one, or give this one a property and a cookie of its own, with the options property and cookie',
      ]);
    });
  });

  describe(`Cookies of a Fastify application, over a ${mode} source`, () => {
    guardProcess();

    for (const order of ['before', 'after'] as const) {
      it(`are kept when @fastify/cookie is registered ${order} the plugin`, async () => {
        const { app, shop } = withCookies(order);
        app.get('/', async (request, reply) => {
          reply.header('set-cookie', ['lang=en', 'size=2']).setCookie('theme', 'dark').setCookie('font', 'serif');
          request.session.setUser('u2');
          return { seen: request.cookies };
        });
        const answer = await injectInto(app, { url: '/', headers: { cookie: 'theme=light' } });
        expect(JSON.parse(answer.text)).to.deep.equal({ seen: { theme: 'light' } });
        for (const name of ['lang', 'size', 'theme', 'font']) expect(cookiesOf(answer, name), name).to.have.length(1);
        await expectSid(shop.storage, cookiesOf(answer), 'u2');
      });

      it(`are kept when a session ends and @fastify/cookie is registered ${order} the plugin`, async () => {
        const { app, shop } = withCookies(order);
        app.get('/', async (request, reply) => {
          request.session.revoke();
          return reply.setCookie('theme', 'dark').send('bye');
        });
        const cookie = `sid=${await shop.issue({}, 'u1')}`;
        const answer = await injectInto(app, { url: '/', headers: { cookie } });
        expect([cookiesOf(answer), cookiesOf(answer, 'theme')]).to.deep.equal([[''], ['dark']]);
      });
    }

    it('are kept when they were set on the raw response', async () => {
      const shop = new FastifyShop({ mode, way: 'inject' });
      const lines = Object.freeze(['theme=dark', 'lang=en']);
      shop.app.get('/', async (request, reply) => {
        reply.raw.setHeader('Set-Cookie', lines);
        return { uid: request.session.setUser('u2').uid };
      });
      const answer = await shop.ask();
      expect(answer.headers['set-cookie']).to.have.length(3);
      await shop.expectSignedIn(answer);
    });

    function withCookies(order: 'before' | 'after') {
      const app = Fastify();
      const shop = new Shop({ mode });
      if (order === 'before') app.register(cookie);
      app.register(activateSessions, { sessionStorage: shop.sessionStorage, cookie: true });
      if (order === 'after') app.register(cookie);
      return { app, shop };
    }
  });
}
