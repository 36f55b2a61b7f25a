import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { NextFunction, Request, Response } from 'express';
import sinon from 'sinon';
import { activateSessions } from '../../src/adapters/express.js';
import { SessionDataInvalid, SessionTooLarge, StoreUnavailable } from '../../src/index.js';
import { expressVersions } from '../support/adapter-apps/express.js';
import { cookiesOf, jsonOf } from '../support/answers.js';
import { type Answer, ask, guardProcess, promised, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, type ShopSession, type ShopStorage, sourceModes } from '../support/shop.js';

interface ShopOfOptions {
  readonly held?: boolean;
  readonly header?: boolean;
  readonly cookie?: string;
  readonly property?: string;
}

/** Every way of answering that Express has, with what the client then reads. */
const WAYS: readonly [how: string, body: string, answer: (response: Response) => unknown][] = [
  ['json', '{"a":1}', (response) => response.json({ a: 1 })],
  ['send of a text', 'abc', (response) => response.send('abc')],
  ['send of a buffer', 'abc', (response) => response.send(Buffer.from('abc'))],
  ['sendStatus', 'Accepted', (response) => response.sendStatus(202)],
  ['end', '', (response) => response.end()],
  [
    'write and end',
    'abc',
    (response) => {
      response.write('a');
      response.write('b');
      response.end('c');
    },
  ],
  ['writeHead and end', 'abc', (response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('abc')],
  [
    'flushHeaders',
    'abc',
    (response) => {
      response.flushHeaders();
      response.end('abc');
    },
  ],
  ['pipe', 'abc', (response) => Readable.from(['a', 'bc'], { objectMode: false }).pipe(response)],
  ['pipeline', 'abc', (response) => pipeline(Readable.from(['a', 'bc']), response, () => undefined)],
];

for (const [name, express] of expressVersions) {
  for (const mode of sourceModes) {
    describe(`${name} itself, over a ${mode} source`, () => {
      guardProcess();
      const isHeld = mode !== 'synchronous';

      /** What an application has. */
      function shopOf({ held = false, ...options }: ShopOfOptions = {}) {
        const shop = new Shop({ mode, held });
        const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, ...options });
        const app = express();
        app.set('env', 'test');
        return { shop, storage: shop.storage, sessions, app };
      }

      /** The same, and the headers of a client whose session has `count` 1 and the user u1. */
      async function visitedShop(options?: ShopOfOptions) {
        const opened = shopOf(options);
        const sid = await opened.shop.issue({ count: 1 }, 'u1');
        return { ...opened, sid, headers: { cookie: `sid=${sid}` } };
      }

      /** That an answer carries one sid, of a session into which u2 signed in. */
      async function expectSignedIn(storage: ShopStorage, answer: Answer): Promise<void> {
        const [sid, ...others] = cookiesOf(answer);
        expect(others).to.deep.equal([]);
        expect((await storage.get(sid)).uid).to.equal('u2');
      }

      for (const [how, body, answer] of WAYS) {
        it(`sends the cookie with ${how}`, async () => {
          const { app, sessions, storage } = shopOf();
          app.use(sessions, (request: Request, response: Response) => {
            sessions.of(request).setUser('u2');
            answer(response);
          });
          const got = await ask(await serve(app));
          await expectSignedIn(storage, got);
          expect(got.text).to.equal(body);
        });
      }

      it('says to call activateSessions when it was installed itself', async () => {
        const { app } = shopOf();
        const errors: unknown[] = [];
        Reflect.apply(app.use, app, [activateSessions]);
        app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
          errors.push(error);
          response.sendStatus(500);
        });
        expect((await ask(await serve(app))).status).to.equal(500);
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(TypeError);
        expect(String(errors[0])).to.include('call activateSessions(options) and pass on what it returns');
      });

      it('says to call revoke() to a handler that sets the session to null', async () => {
        const { app, sessions } = shopOf();
        app.use(sessions);
        const errors: unknown[] = [];
        app.get('/', (request: Request, response: Response) => {
          errors.push(errorOf(() => Reflect.set(request, 'session', null)));
          response.json(request.session.uid ?? null);
        });
        expect((await ask(await serve(app))).text).to.equal('null');
        expect(String(errors[0])).to.include('null cannot be assigned as a session: call revoke()');
      });

      describe('with files', () => {
        let folder = '';
        before(async () => {
          folder = await mkdtemp(join(tmpdir(), 'sessions-express-'));
          await writeFile(join(folder, 'page.txt'), '0123456789');
        });
        after(() => rm(folder, { recursive: true }));

        it('sends the cookie with a file, with a part of it, and with 304', async () => {
          const { app, sessions, storage } = shopOf();
          app.use(sessions, (request: Request, response: Response) => {
            sessions.of(request).setUser('u2');
            response.sendFile(join(folder, 'page.txt'), { maxAge: 60_000 });
          });
          const port = await serve(app);
          const whole = await ask(port);
          await expectSignedIn(storage, whole);
          expect([whole.text, whole.headers['cache-control']]).to.deep.equal(['0123456789', 'private, no-store']);
          const part = await ask(port, { headers: { range: 'bytes=2-4' } });
          await expectSignedIn(storage, part);
          expect([part.status, part.text]).to.deep.equal([206, '234']);
          const unmodified = await ask(port, { headers: { 'if-none-match': String(whole.headers.etag) } });
          await expectSignedIn(storage, unmodified);
          expect([unmodified.status, unmodified.text]).to.deep.equal([304, '']);
        });

        it('leaves the caching of static files alone when nobody looks at the session', async () => {
          const { app, sessions, headers } = await visitedShop();
          app.use(sessions, express.static(folder, { maxAge: 60_000 }));
          const answer = await ask(await serve(app), { path: '/page.txt', headers });
          expect(answer.headers).to.include({ 'cache-control': 'public, max-age=60' });
          expect([answer.headers.vary, answer.headers['set-cookie']]).to.deep.equal([undefined, undefined]);
        });
      });

      it('answers 304 by ETag, with Vary while the session is only read and with the cookie once it changes', async () => {
        const { app, sessions, shop, headers } = await visitedShop();
        app.use(sessions, (request: Request, response: Response) => response.json({ uid: sessions.of(request).uid }));
        const port = await serve(app);
        const first = await ask(port, { headers });
        const etag = String(first.headers.etag);
        const second = await ask(port, { headers: { ...headers, 'if-none-match': etag } });
        expect([second.status, second.headers.vary, cookiesOf(second)]).to.deep.equal([304, 'Cookie', []]);
        shop.pass(3_600_000);
        const renewed = await ask(port, { headers: { ...headers, 'if-none-match': etag } });
        expect([renewed.status, renewed.headers['cache-control']]).to.deep.equal([304, 'private, no-store']);
        expect(cookiesOf(renewed)).to.have.length(1);
      });

      describe('and errors', () => {
        const spoilers: readonly [type: new (...args: never[]) => Error, spoil: (session: ShopSession) => void][] = [
          [
            SessionTooLarge,
            (session) => {
              session.sessionData.text = 'x'.repeat(4096);
            },
          ],
          [
            SessionDataInvalid,
            (session) => {
              session.sessionData.count = Number.POSITIVE_INFINITY;
            },
          ],
        ];
        for (const [type, spoil] of spoilers) {
          // The sid of a session in a store is never too large.
          if (mode === 'server-side' && type === SessionTooLarge) continue;
          it(`gives ${type.name} to error handlers, which may still answer as they like`, async () => {
            const { app, sessions } = shopOf();
            const seen: unknown[] = [];
            app.get('/', sessions, (request, response) => {
              spoil(sessions.of(request));
              response.status(201).set('ETag', '"made"').json({ made: true });
            });
            app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
              seen.push(error, response.headersSent);
              response.status(422).send('no');
            });
            const answer = await ask(await serve(app));
            expect([answer.status, answer.text, answer.headers['set-cookie']]).to.deep.equal([422, 'no', undefined]);
            expect(answer.headers.etag).not.to.equal('"made"');
            expect(seen).to.have.length(2);
            expect(seen[0]).to.be.instanceOf(type);
            expect(seen[1]).to.equal(false);
          });
        }

        it("answers by Express's own handler with the error's status, and without a credential", async () => {
          const { app, sessions, headers, sid } = await visitedShop();
          app.get('/', sessions, (request, response) => {
            sessions.of(request).sessionData.count = Number.NaN;
            response.json({});
          });
          const answer = await ask(await serve(app), { headers });
          expect(answer.status).to.equal(500);
          expect(JSON.stringify([answer.text, answer.headers])).not.to.include(sid);
        });

        it('saves what an error handler puts in the session', async () => {
          const { app, sessions, storage } = shopOf();
          app.get('/', sessions, () => {
            throw new RangeError('a bug');
          });
          app.use((_error: unknown, request: Request, response: Response, _next: NextFunction) => {
            sessions.of(request).setUser('u2');
            response.status(500).send('sorry');
          });
          const answer = await ask(await serve(app));
          expect(answer.status).to.equal(500);
          await expectSignedIn(storage, answer);
        });

        it('answers once when nobody answers and the session cannot be sent either', async () => {
          const { app, sessions } = shopOf();
          app.use(sessions, (request: Request, _response: Response, next: NextFunction) => {
            sessions.of(request).sessionData.count = Number.NaN;
            next();
          });
          const port = await serve(app);
          expect((await ask(port)).status).to.equal(500);
          expect((await ask(port)).status).to.equal(500);
        });

        it('gives a failed commit of a sub-router to the handlers there', async () => {
          const { app, sessions } = shopOf();
          const router = express.Router();
          router.use(sessions);
          router.get('/large', (request: Request, response: Response) => {
            sessions.of(request).sessionData.count = Number.NaN;
            response.json({});
          });
          router.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
            response.status(418).send('below');
          });
          app.use('/below', router);
          expect((await ask(await serve(app), { path: '/below/large' })).text).to.equal('below');
        });

        for (const option of ['passive', 'only'] as const) {
          it(`gives what ${option} throws to the error handlers`, async () => {
            const { shop, app } = shopOf();
            const fail = () => {
              throw new RangeError('a bug');
            };
            app.use(activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, [option]: fail }));
            app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
              response.status(500).send(error instanceof RangeError ? 'range' : 'other');
            });
            expect((await ask(await serve(app))).text).to.equal('range');
          });
        }
      });

      describe('and where it is mounted', () => {
        it('opens and settles a session once, however often it is mounted', async () => {
          const { app, sessions, shop, storage } = shopOf();
          const get = sinon.spy(storage, 'get');
          const commit = sinon.spy(storage, 'commit');
          const router = express.Router();
          router.get('/', sessions, (request: Request, response: Response) => {
            sessions.of(request).setUser('u2');
            response.json({});
          });
          app.use(sessions, sessions);
          app.use(sessions, router);
          const old = await shop.issue({ count: 1 });
          await expectSignedIn(storage, await ask(await serve(app), { headers: { cookie: `sid=${old}` } }));
          expect([get.withArgs(old).callCount, commit.callCount]).to.deep.equal([1, 1]);
        });

        it('serves two storages side by side', async () => {
          const shop = shopOf();
          const other = shopOf({ cookie: 'other', property: 'other' });
          shop.app.use(shop.sessions, other.sessions, (request: Request, response: Response) => {
            shop.sessions.of(request).setUser('u2');
            other.sessions.of(request).setUser('u3');
            response.json({ same: Reflect.get(request, 'other') === Reflect.get(request, 'session') });
          });
          const answer = await ask(await serve(shop.app));
          await expectSignedIn(shop.storage, answer);
          expect((await other.storage.get(cookiesOf(answer, 'other')[0])).uid).to.equal('u3');
          expect(jsonOf(answer, 'same')).to.equal(false);
        });

        it('is there below a sub-router only, and says so elsewhere', async () => {
          const { app, sessions, headers } = await visitedShop();
          const router = express.Router();
          router.use(sessions);
          router.get('/', (request: Request, response: Response) => response.json({ uid: sessions.of(request).uid }));
          app.use('/below', router);
          app.use((request: Request, response: Response) => {
            const error = errorOf(() => sessions.of(request));
            response.json({ error: error instanceof TypeError, found: 'session' in request });
          });
          const port = await serve(app);
          expect(jsonOf(await ask(port, { path: '/below', headers }), 'uid')).to.equal('u1');
          const above = await ask(port, { path: '/', headers });
          expect(JSON.parse(above.text)).to.deep.equal({ error: true, found: false });
          expect(above.headers.vary).to.equal(undefined);
        });

        it("is assigned to by an application that makes its own, with create 'never'", async () => {
          const { app, shop, storage } = shopOf();
          const sessions = activateSessions({ sessionStorage: shop.sessionStorage, cookie: true, create: 'never' });
          app.use(sessions, async (request: Request, response: Response) => {
            const before = sessions.of(request);
            const made = await storage.create();
            Object.assign(request, { session: made.setUser('u2') });
            response.json({ before: before === undefined, uid: sessions.of(request)?.uid });
          });
          const answer = await ask(await serve(app));
          expect(JSON.parse(answer.text)).to.deep.equal({ before: true, uid: 'u2' });
          await expectSignedIn(storage, answer);
        });

        it('cannot be assigned to where a request has one', async () => {
          const { app, sessions, headers } = await visitedShop();
          app.use(sessions, (request: Request, response: Response) => {
            const error = errorOf(() => Object.assign(request, { session: {} }));
            response.json({ error: error instanceof TypeError, uid: sessions.of(request).uid });
          });
          const answer = await ask(await serve(app), { headers });
          expect(JSON.parse(answer.text)).to.deep.equal({ error: true, uid: 'u1' });
        });

        it('makes the response vary by looking at the property alone', async () => {
          const { app, sessions, headers } = await visitedShop();
          app.use(sessions, (request: Request, response: Response) => response.json(request.session.uid));
          expect((await ask(await serve(app), { headers })).headers.vary).to.equal('Cookie');
        });
      });

      describe('read', () => {
        it('looks without touching, sending or making the response vary', async () => {
          const { app, sessions, shop, storage, headers } = await visitedShop();
          const commit = sinon.spy(storage, 'commit');
          app.use(async (request: Request, response: Response) => {
            const session = await sessions.read(request);
            response.json({ uid: session?.uid, lastAccess: session?.lastAccess });
          });
          const port = await serve(app);
          const before = shop.clock.now();
          shop.pass(3_600_000);
          const answer = await ask(port, { headers });
          expect(JSON.parse(answer.text)).to.deep.equal({ uid: 'u1', lastAccess: before });
          expect([answer.headers.vary, answer.headers['set-cookie']]).to.deep.equal([undefined, undefined]);
          expect(jsonOf(await ask(port, { headers: { cookie: 'sid=junk' } }), 'uid')).to.equal(undefined);
          expect(commit.callCount).to.equal(0);
        });

        it('knows the name that a prefixed cookie has behind a proxy', async () => {
          const { app, sessions, sid } = await visitedShop({ cookie: '__Host-sid' });
          app.set('trust proxy', true);
          app.use(async (request: Request, response: Response) => {
            response.json({ uid: (await sessions.read(request))?.uid ?? null });
          });
          const port = await serve(app);
          const cookie = `__Host-sid=${sid}`;
          expect(jsonOf(await ask(port, { headers: { cookie, 'x-forwarded-proto': 'https' } }), 'uid')).to.equal('u1');
          expect(jsonOf(await ask(port, { headers: { cookie } }), 'uid'), 'straight from this machine').to.equal(null);
        });

        it('finds who asks for an upgrade', async () => {
          const { app, sessions, shop, headers } = await visitedShop({ header: true, held: isHeld });
          const server = createServer(app);
          const failures: unknown[] = [];
          server.on('upgrade', async (incoming: IncomingMessage, socket) => {
            try {
              const session = await sessions.read(incoming);
              socket.end(`HTTP/1.1 401 No\r\nX-User: ${session?.uid ?? 'nobody'}\r\nContent-Length: 0\r\n\r\n`);
            } catch (error) {
              failures.push(error);
              socket.end('HTTP/1.1 503 Later\r\nX-User: unknown\r\nContent-Length: 0\r\n\r\n');
            }
          });
          server.listen(0, '127.0.0.1');
          await once(server, 'listening');
          const address = server.address();
          const port = typeof address === 'object' && address !== null ? address.port : 0;
          const upgrade = async (others: Record<string, string>): Promise<unknown> => {
            const upgrading = { connection: 'Upgrade', upgrade: 'websocket', ...others };
            const outgoing = request({ host: '127.0.0.1', port, headers: upgrading }).end();
            const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
            incoming?.resume();
            return incoming?.headers['x-user'];
          };
          expect(await upgrade(headers)).to.equal('u1');
          expect(await upgrade({ ...headers, 'x-session-id': '' })).to.equal('nobody');
          expect(await upgrade({})).to.equal('nobody');
          const down = new StoreUnavailable('the store is down');
          shop.source.fail = { get: down };
          if (isHeld) expect(await upgrade(headers)).to.equal('unknown');
          expect(failures).to.deep.equal(isHeld ? [down] : []);
          server.close();
          server.closeAllConnections();
        });
      });

      if (isHeld) {
        it('survives a client that is gone before its session is open', async () => {
          const { app, sessions, shop, headers } = await visitedShop({ held: true });
          const { source } = shop;
          const [asked, released, handled] = [promised(), promised(), promised()];
          let isFirst = true;
          const get = source.get.bind(source);
          sinon.stub(source, 'get').callsFake(async (sid, options) => {
            asked.resolve();
            if (isFirst) await released.promise;
            isFirst = false;
            return await get(sid, options);
          });
          let closed: Promise<unknown> = Promise.resolve();
          app.use((_request: Request, response: Response, next: NextFunction) => {
            closed = once(response, 'close');
            next();
          });
          app.use(sessions, (request: Request, response: Response) => {
            sessions.of(request).setUser('u2');
            response.json({});
            handled.resolve();
          });
          const port = await serve(app);
          const socket = connect(port, '127.0.0.1');
          socket.write(`GET / HTTP/1.1\r\nHost: shop\r\nCookie: ${headers.cookie}\r\n\r\n`);
          await asked.promise;
          socket.destroy();
          await closed;
          released.resolve();
          await handled.promise;
          expect((await ask(port)).status).to.equal(200);
        });
      } else {
        it('needs no turn of the event loop of its own', async () => {
          const { app, sessions, headers } = await visitedShop();
          const order: string[] = [];
          app.use((_request: Request, response: Response, next: NextFunction) => {
            process.nextTick(() => order.push('later'));
            next();
            order.push(response.headersSent ? 'sent' : 'not sent');
          });
          app.use(sessions, (_request: Request, response: Response) => response.json({}));
          await ask(await serve(app), { headers });
          expect(order).to.deep.equal(['sent', 'later']);
        });
      }

      it('ends a connection properly after an error answer', async () => {
        const { app, sessions } = shopOf();
        app.use(sessions, (request: Request, response: Response) => {
          sessions.of(request).sessionData.count = Number.NaN;
          response.write('begun');
          response.end();
        });
        const socket = connect(await serve(app), '127.0.0.1');
        socket.write('GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
        const answer = await text(socket);
        expect(answer).to.match(/^HTTP\/1\.1 500 /);
        expect(answer).not.to.include('begun');
      });
    });
  }
}
