import { createRequire } from 'node:module';
import { expect } from 'chai';
import express5, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions, type CreatePolicy } from '../../src/adapters/express.js';
import { MemoryStore, type ServerSession, SessionError, type Store } from '../../src/index.js';
import { meetingOf } from '../../src/testing/adapter-cases/meeting.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { cookiesOf, jsonOf } from '../support/answers.js';
import { Browser } from '../support/browser.js';
import { guardProcess, promised, serve } from '../support/deferred-head.js';
import { serverBench } from '../support/server-sessions.js';

const express4: typeof express5 = createRequire(import.meta.url)('express4');
const HOUR = 3_600_000;
const GRACE = 10_000;

interface Setup {
  readonly kept?: Store;
  readonly header?: boolean;
  readonly create?: CreatePolicy;
  readonly maxSessionsPerUser?: number;
  readonly deadline?: number;
  readonly routes?: Routes;
}

interface Call {
  /** Where there must be one. */
  readonly session: ServerSession;
  readonly request: Request;
  readonly response: Response;
}

type Routes = Readonly<Record<string, (call: Call) => unknown>>;

const ROUTES: Routes = {
  '/look': () => undefined,
  '/plain': ({ response }) => response.send('hello'),
  '/put': ({ session, request }) => Object.assign(session.sessionData, request.query),
  '/sign-in': ({ session, request }) => void session.setUser(String(request.query['user'])),
  '/sign-out': ({ session }) => void session.revoke(),
  '/rotate': ({ session }) => void session.rotate(),
  '/fail': ({ session }) => {
    session.sessionData['step'] = 'done';
    throw new RangeError('a bug');
  },
};

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4],
] as const) {
  describe(`Sessions in a store, on ${name}`, () => {
    guardProcess();

    /** An application whose routes answer with who is signed in and what the session holds. */
    async function shopOf({ kept = new MemoryStore(), routes, header, create = 'lazy', ...options }: Setup = {}) {
      const store = new FaultyStore(kept);
      const { clock, storage } = serverBench({ store, idleTimeout: HOUR, ...options });
      const transports = header ? { header } : { cookie: true };
      const sessions = activateSessions({ sessionStorage: storage, create, ...transports });
      const errors: unknown[] = [];
      const app = express();
      app.set('env', 'test');
      app.use(sessions);
      for (const [path, route] of Object.entries({ ...ROUTES, ...routes })) {
        app.get(path, async (request: Request, response: Response, next: NextFunction) => {
          try {
            await route({
              request,
              response,
              get session() {
                const session = sessions.of(request);
                if (session === undefined) throw new Error('the request has no session');
                return session;
              },
            });
            if (response.headersSent || response.writableEnded) return;
            const { uid = null, sessionData } = sessions.of(request) ?? { sessionData: null };
            response.json({ uid, data: sessionData });
          } catch (error) {
            next(error);
          }
        });
      }
      app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
        errors.push(error);
        const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
        response.status(status).json({ code });
      });
      const port = await serve(app);
      const operations = () => store.calls.map(({ operation }) => operation);
      return { clock, store, storage, operations, errors, browser: () => new Browser(port) };
    }

    it('stores nothing for visitors and robots who only look', async () => {
      const { browser, operations } = await shopOf();
      await Promise.all(Array.from({ length: 50 }, () => browser().ask('/look')));
      expect(operations()).to.deep.equal([]);
    });

    it('loads a session once and writes nothing for a request that changes nothing', async () => {
      const { browser, store, operations } = await shopOf();
      const ada = browser();
      await ada.ask('/sign-in?user=ada');
      for (const path of ['/look', '/plain']) {
        store.forgetCalls();
        expect(cookiesOf(await ada.ask(path))).to.deep.equal([]);
        expect(operations()).to.deep.equal(['load']);
      }
    });

    it('slides the cookie with the record', async () => {
      const { browser, clock } = await shopOf();
      const ada = browser();
      await ada.ask('/sign-in?user=ada');
      const sid = await ada.cookie('sid');
      for (let i = 0; i < 3; i += 1) {
        clock.advance(HOUR - 1);
        const answer = await ada.ask('/look');
        expect(jsonOf(answer, 'uid')).to.equal('ada');
        expect(cookiesOf(answer)).to.deep.equal([sid]);
      }
      clock.advance(HOUR);
      expect(jsonOf(await ada.ask('/look'), 'uid')).to.equal(null);
    });

    for (const style of ['with a callback', 'with a promise'] as const) {
      it(`shows to the next request what was saved before a redirect, ${style}`, async () => {
        const [redirected, seen] = [promised(), promised()];
        const { browser } = await shopOf({
          routes: {
            '/go': async ({ session, response }) => {
              session.sessionData['cart'] = 'tea';
              if (style === 'with a promise') await session.save();
              else
                await new Promise<void>((resolve, reject) =>
                  session.save((error) => (error ? reject(error) : resolve())),
                );
              redirected.resolve();
              await seen.promise;
              response.redirect('/look');
            },
          },
        });
        const ada = browser();
        await ada.ask('/sign-in?user=ada');
        const going = ada.ask('/go');
        await redirected.promise;
        expect(jsonOf(await ada.ask('/look'), 'data')).to.deep.equal({ cart: 'tea' });
        seen.resolve();
        expect((await going).headers.location).to.equal('/look');
      });
    }

    it('are ended by destroy before the response, for express-session has it so, and the cookie is cleared with it', async () => {
      const { browser, storage, store } = await shopOf({
        routes: {
          '/destroy': async ({ session, response }) => {
            const { uid = '' } = session;
            const error = await new Promise((resolve) => session.destroy(resolve));
            response.json({ left: (await store.ofUser(uid, 0)).length, failed: error !== undefined });
          },
        },
      });
      const ada = browser();
      await ada.ask('/sign-in?user=ada');
      store.fail('retire', { times: 1 });
      const failed = await ada.ask('/destroy');
      expect(JSON.parse(failed.text), 'and tried again at the end').to.deep.equal({ left: 1, failed: true });
      expect(cookiesOf(failed)).to.deep.equal(['']);
      await ada.ask('/sign-in?user=ada');
      const answer = await ada.ask('/destroy');
      expect([JSON.parse(answer.text), cookiesOf(answer)]).to.deep.equal([{ left: 0, failed: false }, ['']]);
      expect(await storage.listOfUser('ada')).to.deep.equal([]);
    });

    it('keeps what a handler did before it failed', async () => {
      const { browser } = await shopOf();
      const ada = browser();
      expect((await ada.ask('/fail')).status).to.equal(500);
      expect(jsonOf(await ada.ask('/look'), 'data')).to.deep.equal({ step: 'done' });
    });

    it('answers 503 when the store fails after a handler failed, and leaves the session as it was', async () => {
      const { browser, store, errors } = await shopOf();
      const ada = browser();
      await ada.ask('/put?step=begun');
      store.fail('update');
      const answer = await ada.ask('/fail');
      expect([answer.status, answer.headers['set-cookie']]).to.deep.equal([503, undefined]);
      expect(errors).to.have.length(1);
      store.heal();
      expect(jsonOf(await ada.ask('/look'), 'data')).to.deep.equal({ step: 'begun' });
    });

    for (const how of ['rejects', 'hangs'] as const) {
      it(`answers 503 while the store ${how}, signs nobody out, and works again with it`, async () => {
        const { browser, store } = await shopOf({ deadline: 30 });
        const ada = browser();
        await ada.ask('/sign-in?user=ada');
        const sid = await ada.cookie('sid');
        store.disconnect(how);
        for (const path of ['/look', '/put?a=1', '/sign-in?user=bob', '/sign-out', '/rotate']) {
          const answer = await ada.ask(path);
          expect([answer.status, jsonOf(answer, 'code')], path).to.deep.equal([503, 'ERR_SESSION_STORE_UNAVAILABLE']);
          expect(answer.headers['set-cookie'], path).to.equal(undefined);
        }
        expect((await browser().ask('/look')).status, 'who has no session needs no store').to.equal(200);
        store.heal();
        expect(JSON.parse((await ada.ask('/look')).text)).to.deep.equal({ uid: 'ada', data: {} });
        expect(await ada.cookie('sid')).to.equal(sid);
      });
    }

    it('answers 503 to whoever signs in when a store holds as many users as it may', async () => {
      const { browser } = await shopOf({ kept: new MemoryStore({ maxSessions: 1 }) });
      const ada = browser();
      await ada.ask('/sign-in?user=ada');
      const answer = await browser().ask('/sign-in?user=bob');
      expect([answer.status, jsonOf(answer, 'code')]).to.deep.equal([503, 'ERR_SESSION_STORE_FULL']);
      expect(jsonOf(await ada.ask('/look'), 'uid')).to.equal('ada');
    });

    describe('of one browser with several requests under way', () => {
      it('keeps what ten of them put in while the id is rotated under all of them', async () => {
        const all = meetingOf(10);
        const { browser, clock } = await shopOf({
          routes: {
            '/together': async ({ session, request }) => {
              await all();
              Object.assign(session.sessionData, request.query);
              session.rotate();
            },
          },
        });
        const ada = browser();
        await ada.ask('/sign-in?user=ada');
        const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
        const answers = await Promise.all(keys.map((key) => ada.ask(`/together?${key}=1`)));
        expect(answers.map(({ status }) => status)).to.deep.equal(keys.map(() => 200));
        expect(answers.flatMap((answer) => cookiesOf(answer))).to.have.length(1);
        clock.advance(GRACE);
        const { uid, data } = JSON.parse((await ada.ask('/look')).text);
        expect([uid, Object.keys(data).sort()]).to.deep.equal(['ada', keys]);
      });

      it('takes what comes with the old sid within the grace, and gives it no other', async () => {
        const { browser } = await shopOf();
        const [ada, late] = [browser(), browser()];
        await ada.ask('/sign-in?user=ada');
        await late.plant(`sid=${await ada.cookie('sid')}`);
        await ada.ask('/rotate');
        const answer = await late.ask('/put?late=1');
        expect([answer.status, cookiesOf(answer)]).to.deep.equal([200, []]);
        expect(JSON.parse((await ada.ask('/look')).text)).to.deep.equal({ uid: 'ada', data: { late: '1' } });
      });

      for (const [act, uid] of [
        ['/sign-out', null],
        ['/sign-in?user=bob', 'bob'],
      ] as const) {
        it(`stores nothing of a slow one once ${act} is answered`, async () => {
          const [begun, released] = [promised(), promised()];
          const { browser, storage } = await shopOf({
            routes: {
              '/slow': async ({ session }) => {
                begun.resolve();
                await released.promise;
                session.sessionData['late'] = true;
              },
            },
          });
          const told: unknown[] = [];
          storage.events.on('refused-late-save', (event) => told.push(event.uid));
          const ada = browser();
          await ada.ask('/sign-in?user=ada');
          const slow = ada.ask('/slow');
          await begun.promise;
          await ada.ask(act);
          released.resolve();
          const answer = await slow;
          expect([answer.status, cookiesOf(answer), told]).to.deep.equal([200, [], ['ada']]);
          expect(JSON.parse((await ada.ask('/look')).text)).to.deep.equal({ uid, data: {} });
          expect(await storage.listOfUser('ada')).to.deep.equal([]);
        });
      }

      it('merges what an administrator changes meanwhile', async () => {
        const [begun, released] = [promised(), promised()];
        const { browser, storage } = await shopOf({
          routes: {
            '/slow': async ({ session }) => {
              session.sessionData['mine'] = 1;
              begun.resolve();
              await released.promise;
            },
          },
        });
        const ada = browser();
        await ada.ask('/sign-in?user=ada');
        const slow = ada.ask('/slow');
        await begun.promise;
        const [listed] = await storage.listOfUser('ada');
        if (listed === undefined) throw new Error('no session');
        await storage.update(listed, (sessionData) => {
          sessionData['theirs'] = 1;
        });
        released.resolve();
        await slow;
        expect(jsonOf(await ada.ask('/look'), 'data')).to.deep.equal({ mine: 1, theirs: 1 });
      });
    });

    describe('on several devices', () => {
      it('are listed, and ended one by one from any of them', async () => {
        const { browser, storage, clock } = await shopOf();
        const [phone, laptop] = [browser(), browser()];
        await phone.ask('/sign-in?user=ada');
        clock.advance(1);
        await laptop.ask('/sign-in?user=ada');
        const current = await storage.get(await laptop.cookie('sid'));
        const [here, there, ...others] = await storage.listOfUser('ada', { current });
        expect([here?.isCurrent, there?.isCurrent, others]).to.deep.equal([true, false, []]);
        if (there === undefined) throw new Error('no other session');
        await storage.revoke(there);
        expect(jsonOf(await phone.ask('/look'), 'uid')).to.equal(null);
        expect(jsonOf(await laptop.ask('/look'), 'uid')).to.equal('ada');
      });

      it('end where they began first, when there may be no more', async () => {
        const { browser, clock } = await shopOf({ maxSessionsPerUser: 2 });
        const devices = [browser(), browser(), browser()];
        for (const device of devices) {
          await device.ask('/sign-in?user=ada');
          clock.advance(1);
        }
        const uids = await Promise.all(devices.map(async (device) => jsonOf(await device.ask('/look'), 'uid')));
        expect(uids).to.deep.equal([null, 'ada', 'ada']);
      });
    });

    it('go by header, too', async () => {
      const { browser } = await shopOf({ header: true });
      const client = browser();
      const sidOf = async (path: string, sid = '') =>
        String((await client.ask(path, { headers: { 'x-session-id': sid } })).headers['x-session-id']);
      const first = await sidOf('/put?a=1');
      const second = await sidOf('/sign-in?user=ada', first);
      expect([first.length, second.length, first === second]).to.deep.equal([24, 24, false]);
      const answer = await client.ask('/look', { headers: { 'x-session-id': second } });
      expect(JSON.parse(answer.text)).to.deep.equal({ uid: 'ada', data: { a: '1' } });
      expect([answer.headers['set-cookie'], answer.headers['x-session-id']]).to.deep.equal([undefined, undefined]);
      expect(await sidOf('/sign-out', second)).to.equal('');
      expect(jsonOf(await client.ask('/look', { headers: { 'x-session-id': second } }), 'uid')).to.equal(null);
    });

    it("are stored at once with create 'eager'", async () => {
      const { browser, operations } = await shopOf({ create: 'eager' });
      const ada = browser();
      expect(cookiesOf(await ada.ask('/plain'))).to.have.length(1);
      await ada.ask('/plain');
      expect(operations()).to.deep.equal(['create', 'load']);
    });

    it("are there with create 'never' only once the application assigned one", async () => {
      const { browser, storage, operations } = await shopOf({
        create: 'never',
        routes: {
          '/begin': async ({ request }) => {
            Reflect.set(request, 'session', await storage.create({ cart: 'tea' }));
          },
        },
      });
      const ada = browser();
      expect(JSON.parse((await ada.ask('/look')).text)).to.deep.equal({ uid: null, data: null });
      expect(operations()).to.deep.equal([]);
      expect(cookiesOf(await ada.ask('/begin'))).to.have.length(1);
      expect(operations()).to.deep.equal(['create']);
      expect(jsonOf(await ada.ask('/look'), 'data')).to.deep.equal({ cart: 'tea' });
    });
  });
}
