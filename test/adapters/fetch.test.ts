import { EventEmitter, once } from 'node:events';
import { connect as connect2, createServer as createServer2 } from 'node:http2';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import sinon from 'sinon';
import { activateSessions } from '../../src/adapters/fetch.js';
import { SessionDataInvalid, type SessionError, SessionHeadSent, StoreUnavailable } from '../../src/index.js';
import { cookiesOf } from '../support/answers.js';
import { ask, guardProcess, nextTurn, promised, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, type ShopSession, sourceModes } from '../support/shop.js';
import { closing, honoServer, restoreGlobals, srvxServer, type WebServer } from '../support/web-app.js';

const servers: readonly WebServer[] = [honoServer, srvxServer];

describe('activateSessions of fetch', () => {
  afterEach(restoreGlobals);
  for (const mode of sourceModes) {
    describe(`by itself, over a ${mode} source`, () => {
      guardProcess();

      function shopOf(held = false) {
        const shop = new Shop({ mode, held });
        const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true });
        return { shop, storage: shop.storage, sessions };
      }

      async function visitedShop(held?: boolean) {
        const opened = shopOf(held);
        const sid = await opened.shop.issue({ count: 1 }, 'u1');
        const visit = (path = '/', init: RequestInit = {}) =>
          new Request(`http://localhost${path}`, { headers: { cookie: `sid=${sid}` }, ...init });
        return { ...opened, sid, visit };
      }

      const sidOf = (response: Response): string | undefined =>
        /^sid=([^;]+)/.exec(response.headers.getSetCookie().at(-1) ?? '')?.[1];

      it('copies what fetch() answered, with body, status, status text and cookies', async () => {
        const origin = await serve((_request, response) => {
          response.writeHead(418, 'Short and stout', { 'X-Origin': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
          response.end('tea');
        });
        const { sessions, storage, visit } = await visitedShop();
        const handler = sessions((_request, { session }) => {
          session.setUser('u2');
          return fetch(`http://127.0.0.1:${origin}/`);
        });
        const response = await handler(visit());
        const { status, statusText, headers } = response;
        expect([status, statusText, await response.text()]).to.deep.equal([418, 'Short and stout', 'tea']);
        expect(headers.get('x-origin')).to.equal('yes');
        expect(headers.getSetCookie().map((line) => line.split('=')[0])).to.deep.equal(['a', 'b', 'sid']);
        expect((await storage.get(sidOf(response))).uid).to.equal('u2');
      });

      it('copies Response.redirect(), over every server, too', async () => {
        const { sessions, storage } = shopOf();
        const handler = sessions((_request, { session }) => {
          session.setUser('u2');
          return Response.redirect('http://127.0.0.1/next', 303);
        });
        for (const server of servers) {
          const answer = await ask(await serve(server.listener(handler)));
          expect([answer.status, answer.headers.location]).to.deep.equal([303, 'http://127.0.0.1/next']);
          expect((await storage.get(cookiesOf(answer)[0])).uid).to.equal('u2');
        }
      });

      it('copies a response only where it must: for a credential, or where headers cannot be changed', async () => {
        const { sessions, visit } = await visitedShop();
        const plain = new Response('plain');
        const fixed = Response.redirect('http://127.0.0.1/next', 302);
        const look = (response: Response) =>
          sessions((_request, { session }) => {
            session.uid satisfies string | undefined;
            return response;
          });
        const same = await look(plain)(visit());
        expect([same === plain, same.headers.get('vary')]).to.deep.equal([true, 'Cookie']);
        const copy = await look(fixed)(visit());
        expect([copy === fixed, copy.headers.get('vary'), fixed.headers.get('vary')]).to.deep.equal([
          false,
          'Cookie',
          null,
        ]);
        const unread = await sessions(() => fixed)(visit());
        expect(unread === fixed).to.equal(true);
      });

      it('gives no credential away through a response that requests share', async () => {
        const { sessions, visit } = await visitedShop();
        const shared = new Response(null, { status: 204 });
        const handler = sessions((request, { session }) => {
          if (new URL(request.url).pathname === '/sign-in') session.setUser('u2');
          return shared;
        });
        expect((await handler(visit('/sign-in'))).headers.getSetCookie()).to.have.length(1);
        expect((await handler(new Request('http://localhost/'))).headers.getSetCookie()).to.deep.equal([]);
      });

      it('leaves 101, network errors and what is no response as they are, and settles what it can', async () => {
        const upgrade = Object.defineProperty(new Response(null), 'status', { value: 101 });
        for (const made of [upgrade, Response.error(), Object(undefined)]) {
          const { sessions, shop, storage, sid, visit } = await visitedShop();
          const request = visit();
          const handler = sessions((_request, { session }) => {
            session.sessionData.count = 7;
            return made;
          });
          expect((await handler(request)) === made).to.equal(true);
          expect(await errorOf(() => sessions.of(request).setUser('u2'))).to.be.instanceOf(SessionHeadSent);
          await nextTurn();
          await nextTurn();
          if (mode === 'server-side') expect((await storage.get(sid)).sessionData.count).to.equal(7);
          else expect(shop.toldNames).to.deep.equal(['lost-write']);
        }
      });

      it('throws on what the handler throws, and saves what needs no new credential', async () => {
        const { sessions, shop, storage, sid, visit } = await visitedShop();
        const bug = new RangeError('a bug');
        const request = visit();
        const handler = sessions((_request, { session }) => {
          session.sessionData.count = 7;
          throw bug;
        });
        expect(await errorOf(() => handler(request))).to.equal(bug);
        expect(await errorOf(() => sessions.of(request).setUser('u2'))).to.be.instanceOf(SessionHeadSent);
        await nextTurn();
        await nextTurn();
        if (mode === 'server-side') expect((await storage.get(sid)).sessionData.count).to.equal(7);
        else expect(shop.toldNames).to.deep.equal(['lost-write']);
      });

      it('does not settle a request before its handler is done, however long that takes', async () => {
        const { sessions, shop, visit } = await visitedShop();
        const commitLate = sinon.spy(shop.sessionStorage, 'commitLate');
        const handler = sessions(async (_request, { session }) => {
          session.sessionData.count = 7;
          for (let turn = 0; turn < 3; turn += 1) await nextTurn();
          expect(commitLate.callCount).to.equal(0);
          return new Response('x');
        });
        expect((await handler(visit())).status).to.equal(200);
      });

      it('signs nobody in whose head the handler sent by itself', async () => {
        const { sessions, shop, visit } = await visitedShop();
        const emitter = Object.assign(new EventEmitter(), { writeHead() {}, getHeader() {}, end() {} });
        const sent = Object.assign(emitter, { headersSent: true });
        const given = { incoming: { headers: {}, socket: { on() {} } }, outgoing: sent };
        const handler = sessions((_request, { session }) => {
          session.setUser('u2');
          return new Response(null);
        });
        expect((await handler(visit(), given)).headers.getSetCookie()).to.deep.equal([]);
        sent.emit('close');
        await nextTurn();
        await nextTurn();
        expect(shop.toldNames).to.deep.equal(['lost-write']);
      });

      it('saves what a stream changes after the head, when its response is over', async () => {
        if (mode !== 'server-side') return;
        for (const server of servers) {
          const { sessions, storage, sid } = await visitedShop();
          const commitLate = sinon.spy(storage, 'commitLate');
          const over = promised();
          const handler = sessions((request, context) => {
            const { session } = context;
            void closing(server.outgoingOf(request, context)).then(over.resolve);
            const stream = new ReadableStream({
              async start(controller) {
                controller.enqueue(new TextEncoder().encode('one'));
                await nextTurn();
                session.sessionData.count = 7;
                for (let turn = 0; turn < 3; turn += 1) await nextTurn();
                if (commitLate.callCount === 0) controller.close();
              },
            });
            return new Response(stream);
          });
          const answer = await ask(await serve(server.listener(handler)), { headers: { cookie: `sid=${sid}` } });
          expect(answer.text).to.equal('one');
          await over.promise;
          await nextTurn();
          await nextTurn();
          expect((await storage.get(sid)).sessionData.count).to.equal(7);
        }
      });

      it('answers an error with its status and code, and runs no handler where it cannot open', async () => {
        const { sessions, shop, visit } = await visitedShop(true);
        const inner = sinon.stub().returns(new Response('x'));
        shop.source.fail = { get: new StoreUnavailable('the store is down') };
        const unopened = await sessions(inner)(visit());
        expect(unopened.headers.get('content-type')).to.equal('application/json');
        expect([unopened.status, await unopened.json(), inner.callCount]).to.deep.equal([
          503,
          { code: 'ERR_SESSION_STORE_UNAVAILABLE' },
          0,
        ]);
        shop.source.fail = { commit: new StoreUnavailable('the store is down') };
        const unsaved = await sessions((_request, { session }) => {
          session.setUser('u2');
          return new Response('x', { headers: { 'X-Own': 'yes' } });
        })(visit());
        expect([unsaved.status, unsaved.headers.get('x-own'), unsaved.headers.getSetCookie()]).to.deep.equal([
          503,
          null,
          [],
        ]);
        expect(unsaved.headers.get('cache-control')).to.equal('no-store');
      });

      it('gives such an error to onError, which finds an empty session', async () => {
        const shop = new Shop({ mode, held: true });
        const seen: SessionError[] = [];
        const sessions = activateSessions(
          { sessionStorage: shop.sessionStorage, cookie: true },
          {
            onError(error, request): Response {
              seen.push(error);
              return new Response(sessions.of(request).uid ?? 'nobody', { status: 418 });
            },
          },
        );
        const cookie = `sid=${await shop.issue({}, 'u1')}`;
        const visit = () => new Request('http://localhost/', { headers: { cookie } });
        const down = new StoreUnavailable('the store is down');
        shop.source.fail = { get: down };
        const answer = await sessions(() => new Response('x'))(visit());
        expect([answer.status, await answer.text(), seen]).to.deep.equal([418, 'nobody', [down]]);
        shop.source.fail = {};
        await sessions((_request, { session }) => {
          session.sessionData.count = Number.NaN;
          return new Response('x');
        })(visit());
        expect(seen[1]).to.be.instanceOf(SessionDataInvalid);
      });

      it('gives the handler all that the server gave, and leaves that as it was', async () => {
        const { sessions, visit } = await visitedShop();
        class Given {
          readonly params = { id: 'a' };
          self(): this {
            return this;
          }
        }
        const given = Object.freeze(new Given());
        const handler = sessions<Given>((_request, context) => {
          const { params, session } = context.self();
          return Response.json({ id: params.id, uid: session.uid, spread: Object.keys({ ...context }).sort() });
        });
        const answer = await handler(visit(), given);
        expect(await answer.json()).to.deep.equal({ id: 'a', uid: 'u1', spread: ['params', 'session'] });
        expect('session' in given).to.equal(false);
      });

      it('refuses a context that has a session of its own', async () => {
        const { sessions, visit } = await visitedShop();
        const handler = sessions<{ session: number }>(() => new Response('x'));
        const error = await errorOf(() => handler(visit(), { session: 5 }), TypeError);
        expect(error.message).to.include('already has a property "session"');
      });

      it('opens once within itself, and again for a request that comes again', async () => {
        const { sessions, storage, sid, visit } = await visitedShop();
        const get = sinon.spy(storage, 'get');
        const counted = sessions((_request, { session }) => {
          session.sessionData.count = (session.sessionData.count ?? 0) + 1;
          return Response.json(session.uid);
        });
        const handler = sessions((request, context) => counted(request, context));
        const request = visit();
        for (const times of [1, 2]) {
          const answer = await handler(request);
          expect(await answer.json()).to.equal('u1');
          expect(get.withArgs(sid).callCount).to.equal(times);
        }
      });

      it('keeps apart two calls with the same request at once', async () => {
        const { sessions, visit } = await visitedShop();
        const both = promised();
        const found: ShopSession[] = [];
        const handler = sessions(async (_request, context) => {
          const { session } = context;
          found.push(session);
          if (found.length === 2) both.resolve();
          await both.promise;
          expect(context.session).to.equal(session);
          return new Response('x');
        });
        const request = visit();
        await Promise.all([handler(request), handler(request)]);
        expect(found[0]).not.to.equal(found[1]);
      });

      it('serves two activations with different properties', async () => {
        const { shop, sessions, storage } = shopOf();
        const others = activateSessions({ sessionStorage: shop.sessionStorage, cookie: 'other', property: 'other' });
        const handler = sessions(
          others<{ session: ShopSession }>((request, { session, other }) => {
            session.setUser('u2');
            other.setUser('u3');
            return Response.json([sessions.of(request) === session, others.of(request) === other]);
          }),
        );
        const response = await handler(new Request('http://localhost/'));
        expect(await response.json()).to.deep.equal([true, true]);
        const uids: unknown[] = [];
        for (const line of response.headers.getSetCookie())
          uids.push((await storage.get(/=([^;]+)/.exec(line)?.[1])).uid);
        expect(uids).to.deep.equal(['u3', 'u2']);
      });

      it("is assigned to by an application that makes its own, with create 'never'", async () => {
        const { shop, storage } = shopOf();
        const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, create: 'never' });
        const handler = sessions(async (request, context) => {
          const before = context.session;
          const made = await storage.create();
          context.session = made.setUser('u2');
          return Response.json([before === undefined, sessions.of(request)?.uid]);
        });
        const response = await handler(new Request('http://localhost/'));
        expect(await response.json()).to.deep.equal([true, 'u2']);
        expect((await storage.get(sidOf(response))).uid).to.equal('u2');
      });

      it('makes the response vary by reading the session alone, not by reading the context', async () => {
        const { sessions, visit } = await visitedShop();
        const given = { params: 5 };
        const unread = sessions<typeof given>((_request, context) => Response.json(context.params));
        const read = sessions((_request, context) => Response.json(context.session.uid));
        expect((await unread(visit(), given)).headers.get('vary')).to.equal(null);
        expect((await read(visit())).headers.get('vary')).to.equal('Cookie');
      });

      it('reads without touching or sending, with the prefix of the name left out on this machine', async () => {
        const shop = new Shop({ mode });
        const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: '__Host-sid' });
        const sid = await shop.issue({}, 'u1');
        for (const server of servers) {
          const read = async (request: Request, given?: object) =>
            Response.json((await sessions.read(request, given))?.uid ?? null);
          const port = await serve(server.listener(read));
          expect((await ask(port, { headers: { cookie: `sid=${sid}` } })).text).to.equal('"u1"');
          const elsewhere = { cookie: `sid=${sid}`, 'x-forwarded-for': '203.0.113.7' };
          expect((await ask(port, { headers: elsewhere })).text).to.equal('null');
        }
        const secure = new Request('https://shop.example/', { headers: { cookie: `__Host-sid=${sid}` } });
        expect((await sessions.read(secure))?.uid).to.equal('u1');
      });

      it('sets Secure by the scheme of the URL', async () => {
        const { sessions } = shopOf();
        const handler = sessions((_request, { session }) => {
          session.setUser('u2');
          return new Response('x');
        });
        for (const [url, isSecure] of [
          ['https://shop.example/', true],
          ['http://shop.example/', false],
        ] as const) {
          const [line = ''] = (await handler(new Request(url))).headers.getSetCookie();
          expect(/; Secure/i.test(line)).to.equal(isSecure);
        }
      });

      it('works over HTTP/2, and for HEAD', async () => {
        const { sessions, storage } = shopOf();
        const handler = sessions((_request, { session }) => {
          session.setUser('u2');
          return new Response('hello');
        });
        for (const server of servers) {
          const listener = server.listener(handler);
          const http2 = createServer2(
            (incoming, outgoing) => void Reflect.apply(listener, undefined, [incoming, outgoing]),
          );
          http2.listen(0, '127.0.0.1');
          await once(http2, 'listening');
          const port: unknown = Reflect.get(Object(http2.address()), 'port');
          const client = connect2(`http://127.0.0.1:${port}`);
          for (const [method, body] of [
            ['GET', 'hello'],
            ['HEAD', ''],
          ] as const) {
            const stream = client.request({ ':path': '/', ':method': method });
            const [headers] = await once(stream, 'response');
            expect([headers[':status'], await text(stream)]).to.deep.equal([200, body]);
            const sid = /^sid=([^;]+)/.exec(headers['set-cookie'][0])?.[1];
            expect((await storage.get(sid)).uid).to.equal('u2');
          }
          client.close();
          http2.close();
        }
      });

      for (const option of ['passive', 'only'] as const) {
        it(`throws on what ${option} throws`, async () => {
          const { shop } = shopOf();
          const bug = new RangeError('a bug');
          const fail = () => {
            throw bug;
          };
          const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, [option]: fail });
          const handler = sessions(() => new Response('x'));
          expect(await errorOf(() => handler(new Request('http://localhost/')))).to.equal(bug);
        });
      }

      it('refuses hooks that it does not know', () => {
        const { shop } = shopOf();
        const options = { sessionStorage: shop.sessionStorage, cookie: true };
        for (const hooks of [{ onerror: () => undefined }, { onError: 5 }])
          expect(() => Reflect.apply(activateSessions, undefined, [options, hooks])).to.throw(
            TypeError,
            /onerror|onError/,
          );
      });
    });
  }
});
