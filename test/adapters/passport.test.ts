import { createRequire } from 'node:module';
import { expect } from 'chai';
import express5, { type NextFunction, type Request, type Response } from 'express';
import passport from 'passport';
import { z } from 'zod';
import { activateSessions } from '../../src/adapters/express.js';
import {
  MemoryStore,
  type ServerSession,
  SessionDataInvalid,
  SessionError,
  SessionNotFound,
  type StandardSchema,
  StoreUnavailable,
} from '../../src/index.js';
import { meetingOf } from '../../src/testing/adapter-cases/meeting.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { cookiesOf, jsonOf } from '../support/answers.js';
import { Browser } from '../support/browser.js';
import { ask, guardProcess, promised, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { serverBench } from '../support/server-sessions.js';

declare global {
  namespace Express {
    interface User {
      readonly id: unknown;
    }
  }
}

const express4: typeof express5 = createRequire(import.meta.url)('express4');
const GRACE = 10_000;

/** Takes whoever says who they are. */
class Trusting implements passport.Strategy {
  readonly name = 'trusting';

  authenticate(this: passport.StrategyCreated<this>, request: Request): void {
    const { user } = request.query;
    if (user === undefined) this.fail('who are you?');
    else this.success({ id: user });
  }
}

/** Remembers in the session that it sent somebody elsewhere, as strategies for OAuth do. */
class RoundAbout implements passport.Strategy {
  readonly name = 'round-about';

  authenticate(this: passport.StrategyCreated<this>, request: Request): void {
    const key = 'oauth2:shop';
    if (request.query['state'] === undefined) {
      Reflect.set(request.session, key, { state: 'xyz' });
      this.redirect('/elsewhere');
      return;
    }
    const remembered: unknown = Reflect.get(request.session, key);
    Reflect.deleteProperty(request.session, key);
    if (JSON.stringify(remembered) === JSON.stringify({ state: request.query['state'] })) this.success({ id: 'ada' });
    else this.fail('you were not sent from here');
  }
}

type Plain = Record<string, unknown>;

interface Setup {
  readonly authKey?: string;
  readonly userData?: StandardSchema<Plain, unknown>;
  /** What serializeUser does to the session of its request. */
  readonly identify?: (session: ServerSession<Plain, Plain>, user: Express.User) => void;
  readonly serialize?: (user: Express.User) => unknown;
  readonly deserialize?: (given: unknown) => Express.User | false;
}

/** What is where for the promise of a callback. */
function settled(act: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4],
] as const) {
  describe(`Passport on ${name}`, () => {
    guardProcess();

    /** An application in the way of Passport's manual; its users are whoever the query says. */
    async function shopOf({ authKey = 'passport.user', userData, identify, serialize, deserialize }: Setup = {}) {
      const store = new FaultyStore(new MemoryStore());
      const { clock, storage } = serverBench({ store, authKey, idleTimeout: 3_600_000, userData });
      const sessions = activateSessions({ sessionStorage: storage, cookie: true });
      const given: unknown[] = [];
      const auth = new passport.Passport();
      auth.use(new Trusting());
      auth.use(new RoundAbout());
      auth.serializeUser((request: Request, user: Express.User, done: (error: null, id: unknown) => void) => {
        identify?.(sessions.of(request), user);
        done(null, serialize === undefined ? user.id : serialize(user));
      });
      auth.deserializeUser((id, done) => {
        given.push(id);
        done(null, deserialize === undefined ? { id } : deserialize(id));
      });
      const [slow, arrived, released] = [meetingOf(2), promised(), promised()];

      const errors: unknown[] = [];
      const app = express();
      app.set('env', 'test');
      app.use(sessions, auth.session());
      const routes: Record<string, (request: Request, response: Response) => unknown> = {
        '/me': async (request) => ({ user: request.user?.id ?? null, uid: sessions.of(request).uid ?? null }),
        '/data': async (request) => sessions.of(request).sessionData,
        '/user-data': async (request) => sessions.of(request).userData,
        '/properties': async (request) => Object.keys(request.session),
        '/add': async (request) => {
          sessions.of(request).sessionData['cart'] = ['tea'];
        },
        '/add-slowly': async (request) => {
          sessions.of(request).sessionData['late'] = true;
          arrived.resolve();
          await released.promise;
        },
        '/login': async (request) => {
          const { user, keep } = request.query;
          const options = { session: true, keepSessionInfo: keep !== undefined };
          await settled((done) => request.login({ id: user }, options, done));
        },
        '/login-together': async (request) => {
          await slow();
          await settled((done) => request.login({ id: 'ada' }, done));
        },
        '/logout': async (request) => {
          await settled((done) => request.logout({ keepSessionInfo: request.query['keep'] !== undefined }, done));
        },
        '/set-user': async (request) => {
          sessions.of(request).setUser(String(request.query['user']));
        },
      };
      for (const [path, route] of Object.entries(routes)) {
        app.get(path, (request, response, next) => {
          Promise.resolve(route(request, response)).then((answer) => response.json(answer ?? {}), next);
        });
      }
      app.get(
        '/sign-in',
        auth.authenticate('trusting', { failureMessage: true, successMessage: 'welcome', keepSessionInfo: true }),
        (_, res) => res.json({}),
      );
      app.get('/return', (request, response) => {
        Reflect.set(request.session, 'returnTo', '/deep/link');
        response.json({});
      });
      app.get(
        '/sign-in-and-return',
        auth.authenticate('trusting', { successReturnToOrRedirect: '/', keepSessionInfo: true }),
      );
      app.get('/round-about', auth.authenticate('round-about'), (_, res) => res.json({}));
      app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
        errors.push(error);
        response.status(error instanceof SessionError ? error.status : 500).json({});
      });
      const port = await serve(app);
      return { clock, storage, store, given, errors, port, arrived, released, browser: new Browser(port) };
    }

    /** What a client that holds this sid is told of itself. */
    async function whoIs(port: number, sid: string): Promise<unknown> {
      return JSON.parse((await ask(port, { path: '/me', headers: { cookie: `sid=${sid}` } })).text);
    }

    const NOBODY = { user: null, uid: null };

    it("signs a user in, whose id is the session's uid and is found in their list", async () => {
      const { browser, storage } = await shopOf();
      await browser.ask('/sign-in?user=ada');
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'ada', uid: 'ada' });
      const session = await storage.get(await browser.cookie('sid'));
      expect(session.uid).to.equal('ada');
      expect((await storage.listOfUser('ada')).map(({ id }) => id)).to.deep.equal([session.id]);
    });

    it('asks a store once for a signed-in user, and writes nothing, where nothing changes', async () => {
      const { browser, store } = await shopOf();
      await browser.ask('/login?user=ada');
      store.forgetCalls();
      const answer = await browser.ask('/me');
      expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
      expect(answer.headers['set-cookie']).to.equal(undefined);
    });

    it('stores nothing for a visitor who does not sign in', async () => {
      const { browser, store } = await shopOf();
      await browser.ask('/me');
      expect(store.calls).to.deep.equal([]);
    });

    for (const id of ['ada', 5, 0]) {
      it(`takes ${JSON.stringify(id)} from serializeUser, and gives deserializeUser its text`, async () => {
        const { browser, given, storage } = await shopOf({ serialize: () => id });
        await browser.ask('/login?user=x');
        expect(jsonOf(await browser.ask('/me'), 'uid')).to.equal(String(id));
        expect(given).to.deep.equal([String(id)]);
        expect(await storage.listOfUser(id)).to.have.length(1);
      });
    }

    it('takes an object from serializeUser when authKey says where its id is', async () => {
      const { browser, given, storage } = await shopOf({
        authKey: 'passport.user.id',
        serialize: ({ id }) => ({ id, name: 'Ada' }),
        deserialize: (user) => Object(user),
      });
      await browser.ask('/login?user=ada');
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'ada', uid: 'ada' });
      expect(given).to.deep.equal([{ id: 'ada', name: 'Ada' }]);
      await browser.ask('/logout');
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
      expect(await storage.listOfUser('ada')).to.deep.equal([]);
    });

    it('hands what names no user to the error handlers, and signs nobody in', async () => {
      const { browser, store, errors } = await shopOf({ serialize: (user) => user });
      expect((await browser.ask('/login?user=ada')).status).to.equal(500);
      expect(errors.map(String)).to.deep.equal([
        'TypeError: authKey: what sessionData has there must be the id of a user: a string or a number',
      ]);
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
      expect(store.callsOf('create')).to.deep.equal([]);
    });

    describe('with userData that its schema requires', () => {
      const userData = z.object({ name: z.string() });
      const identify: Setup['identify'] = (session, { id }) => session.setUser(String(id), { name: `Name of ${id}` });
      const named = { userData, identify };

      for (const path of ['/sign-in?user=ada', '/login?user=ada', '/login?user=ada&keep']) {
        it(`keeps what serializeUser set, at ${path}, with data in the session before and without`, async () => {
          for (const before of ['/me', '/add']) {
            const { browser, storage, given } = await shopOf(named);
            await browser.ask(before);
            expect((await browser.ask(path)).status).to.equal(200);
            expect(JSON.parse((await browser.ask('/user-data')).text)).to.deep.equal({ name: 'Name of ada' });
            expect(given).to.deep.equal(['ada']);
            const session = await storage.get(await browser.cookie('sid'));
            expect([session.uid, session.userData]).to.deep.equal(['ada', { name: 'Name of ada' }]);
            expect(await storage.listOfUser('ada')).to.have.length(1);
          }
        });
      }

      it('takes an object from serializeUser, too', async () => {
        const { browser } = await shopOf({
          ...named,
          authKey: 'passport.user.id',
          serialize: ({ id }) => ({ id, role: 'admin' }),
          deserialize: (user) => Object(user),
        });
        await browser.ask('/login?user=ada');
        expect(JSON.parse((await browser.ask('/user-data')).text)).to.deep.equal({ name: 'Name of ada' });
        expect(JSON.parse((await browser.ask('/data')).text)).to.deep.equal({
          passport: { user: { id: 'ada', role: 'admin' } },
        });
      });

      for (const keep of ['', '&keep']) {
        it(`is that of the user who takes over${keep && ', with keepSessionInfo too'}`, async () => {
          const { browser, storage } = await shopOf(named);
          await browser.ask('/login?user=ada');
          await browser.ask(`/login?user=bob${keep}`);
          expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'bob', uid: 'bob' });
          expect(JSON.parse((await browser.ask('/user-data')).text)).to.deep.equal({ name: 'Name of bob' });
          expect(await storage.listOfUser('ada')).to.deep.equal([]);
        });

        it(`is gone after a sign-out${keep && ', with keepSessionInfo too'}`, async () => {
          const { browser, storage } = await shopOf(named);
          await browser.ask('/login?user=ada');
          expect((await browser.ask(`/logout?${keep}`)).status).to.equal(200);
          expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
          const session = await storage.get(await browser.cookie('sid'));
          expect([session.uid, session.userData]).to.deep.equal([undefined, {}]);
        });
      }

      it('names the cure where serializeUser sets none, and signs nobody in', async () => {
        const { browser, errors, store } = await shopOf({ userData });
        expect((await browser.ask('/login?user=ada')).status).to.equal(500);
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(SessionDataInvalid).and.to.have.property('path', 'userData.name');
        expect(String(errors[0])).to.include(
          'call session.setUser(id, userData), with Passport in serializeUser((request, user, done) => ...)',
        );
        expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
        expect(store.callsOf('create')).to.deep.equal([]);
      });

      it('says what is wrong with what serializeUser set', async () => {
        const { browser, errors } = await shopOf({ userData, identify: (it) => it.setUser('ada', { name: 5 }) });
        expect((await browser.ask('/login?user=ada')).status).to.equal(500);
        expect(String(errors[0])).to.include('userData.name').and.not.to.include('setUser');
      });
    });

    describe('gives a new id', () => {
      /** Whether a sid opens nothing, for the storage and for a request, now and when its grace is over. */
      async function expectDead({ clock, storage, port }: Awaited<ReturnType<typeof shopOf>>, sid: string) {
        for (const wait of [0, GRACE]) {
          clock.advance(wait);
          expect(await errorOf(() => storage.get(sid))).to.be.instanceOf(SessionNotFound);
          expect(await whoIs(port, sid)).to.deep.equal(NOBODY);
        }
      }

      for (const keep of ['', '&keep']) {
        it(`at sign-in${keep && ', with keepSessionInfo too'}: one that was planted before opens nothing`, async () => {
          const shop = await shopOf();
          const { browser, port, storage } = shop;
          const attacker = new Browser(port);
          await attacker.ask('/add');
          const planted = await attacker.cookie('sid');
          const { id, lineage } = await storage.get(planted);
          await browser.plant(`sid=${planted}`);
          await browser.ask(`/login?user=ada${keep}`);
          const session = await storage.get(await browser.cookie('sid'));
          expect(session.uid).to.equal('ada');
          expect([session.id, session.lineage]).not.to.include(id).and.not.include(lineage);
          await expectDead(shop, planted);
        });

        it(`at sign-out${keep && ', with keepSessionInfo too'}`, async () => {
          const shop = await shopOf();
          const { browser, storage } = shop;
          await browser.ask('/login?user=ada');
          const before = await browser.cookie('sid');
          await browser.ask(`/logout?${keep}`);
          const after = await browser.cookie('sid');
          expect(after).not.to.equal(before);
          expect((await storage.get(after)).uid).to.equal(undefined);
          expect(await storage.listOfUser('ada')).to.deep.equal([]);
          await expectDead(shop, before);
        });
      }
    });

    describe('keeps what the session held', () => {
      for (const [path, data] of [
        ['/login?user=ada', { passport: { user: 'ada' } }],
        ['/login?user=ada&keep', { cart: ['tea'], passport: { user: 'ada' } }],
        ['/logout', {}],
        ['/logout?keep', { cart: ['tea'] }],
      ] as const) {
        it(`${'cart' in data ? 'at' : 'not at'} ${path}`, async () => {
          const { browser } = await shopOf();
          if (path.startsWith('/logout')) await browser.ask('/login?user=bob');
          await browser.ask('/add');
          await browser.ask(path);
          expect(JSON.parse((await browser.ask('/data')).text)).to.deep.equal(data);
        });
      }

      it('where one user takes over from another, who is gone', async () => {
        const { browser, storage } = await shopOf();
        await browser.ask('/login?user=ada');
        await browser.ask('/add');
        await browser.ask('/login?user=bob&keep');
        expect(JSON.parse((await browser.ask('/data')).text)).to.deep.equal({
          cart: ['tea'],
          passport: { user: 'bob' },
        });
        expect(await storage.listOfUser('ada')).to.deep.equal([]);
      });
    });

    describe('finds what it put on the session', () => {
      it('messages, by which users are told how it went', async () => {
        const { browser } = await shopOf();
        expect((await browser.ask('/sign-in')).status).to.equal(401);
        expect((await browser.ask('/sign-in')).status).to.equal(401);
        expect(jsonOf(await browser.ask('/data'), 'messages')).to.deep.equal(['who are you?', 'who are you?']);
        await browser.ask('/sign-in?user=ada');
        expect(jsonOf(await browser.ask('/data'), 'messages')).to.deep.equal([
          'who are you?',
          'who are you?',
          'welcome',
        ]);
        expect(JSON.parse((await browser.ask('/properties')).text)).to.deep.equal(['messages', 'passport']);
      });

      it('where to return to, once', async () => {
        const { browser } = await shopOf();
        await browser.ask('/return');
        expect((await browser.ask('/sign-in-and-return?user=ada')).headers.location).to.equal('/deep/link');
        expect(jsonOf(await browser.ask('/data'), 'returnTo')).to.equal(undefined);
        expect((await browser.ask('/sign-in-and-return?user=ada')).headers.location).to.equal('/');
      });

      it('what a strategy remembers from one request to the next', async () => {
        const { browser } = await shopOf();
        expect((await browser.ask('/round-about?state=xyz')).status, 'not sent from here').to.equal(401);
        expect((await browser.ask('/round-about')).headers.location).to.equal('/elsewhere');
        expect((await browser.ask('/round-about?state=xyz')).status).to.equal(200);
        expect(JSON.parse((await browser.ask('/data')).text)).to.deep.equal({ passport: { user: 'ada' } });
      });
    });

    it('sees whom the application signed in itself, and whom it ended', async () => {
      const { browser, storage } = await shopOf();
      await browser.ask('/set-user?user=ada');
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'ada', uid: 'ada' });
      await storage.revoke({ uid: 'ada' });
      expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
    });

    it('signs out a user whom deserializeUser does not know any more', async () => {
      const { browser, storage } = await shopOf({ deserialize: () => false });
      await browser.ask('/login?user=ada');
      const before = await browser.cookie('sid');
      expect(jsonOf(await browser.ask('/me'), 'user')).to.equal(null);
      expect((await storage.get(await browser.cookie('sid'))).uid).to.equal(undefined);
      expect(await errorOf(() => storage.get(before))).to.be.instanceOf(SessionNotFound);
    });

    for (const path of ['/login?user=bob', '/logout']) {
      it(`answers 503 to ${path} while the store is down, and the user stays who they were`, async () => {
        const { browser, store, errors } = await shopOf();
        await browser.ask('/login?user=ada');
        store.fail('create');
        const answer = await browser.ask(path);
        expect([answer.status, answer.headers['set-cookie']]).to.deep.equal([503, undefined]);
        expect(errors[0]).to.be.instanceOf(StoreUnavailable);
        store.heal();
        expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'ada', uid: 'ada' });
      });
    }

    describe('in two tabs', () => {
      it('is signed in in both, and signed out in both', async () => {
        const { browser, storage } = await shopOf();
        await browser.ask('/login?user=ada');
        const tabs = await Promise.all([browser.ask('/me'), browser.ask('/me')]);
        expect(tabs.map((answer) => jsonOf(answer, 'user'))).to.deep.equal(['ada', 'ada']);
        expect(await storage.listOfUser('ada')).to.have.length(1);
        await browser.ask('/logout');
        expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal(NOBODY);
      });

      it('ends signed in when both sign in at once', async () => {
        const { browser, storage } = await shopOf();
        await browser.ask('/add');
        const answers = await Promise.all([browser.ask('/login-together'), browser.ask('/login-together')]);
        expect(answers.flatMap((answer) => cookiesOf(answer))).to.have.length(1);
        expect(JSON.parse((await browser.ask('/me')).text)).to.deep.equal({ user: 'ada', uid: 'ada' });
        expect(await storage.listOfUser('ada')).to.have.length(1);
      });

      for (const act of ['/login?user=bob', '/logout']) {
        it(`saves nothing of a slow request of one after ${act} in the other, and sends nothing for it`, async () => {
          const { browser, arrived, released } = await shopOf();
          await browser.ask('/login?user=ada');
          const late = browser.ask('/add-slowly');
          await arrived.promise;
          await browser.ask(`${act}${act.includes('?') ? '&' : '?'}keep`);
          released.resolve();
          expect(cookiesOf(await late)).to.deep.equal([]);
          expect(jsonOf(await browser.ask('/me'), 'uid')).to.equal(act === '/logout' ? null : 'bob');
          expect(jsonOf(await browser.ask('/data'), 'late')).to.equal(undefined);
        });
      }
    });
  });
}
