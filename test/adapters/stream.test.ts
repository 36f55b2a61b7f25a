import { expect } from 'chai';
import { MemoryStore, ServerSessionStorage, type Session, SessionStorage, StoreUnavailable } from '../../src/index.js';
import type { Sink, StreamRequest } from '../../src/ports/stream.js';
import { FakeClock, FaultyStore } from '../../src/testing/index.js';
import { guardProcess, promised } from '../support/deferred-head.js';
import { guardRejections } from '../support/rejections.js';
import { OF_ANOTHER_BODY, STREAM_FRAMEWORKS, type StreamApp } from '../support/stream-apps.js';
import { overHttp1, overHttp2, type StreamServer } from '../support/stream-client.js';
import { restoreGlobals } from '../support/web-app.js';

type Open = (request: StreamRequest<Session>, sink: Sink) => void | Promise<void>;

const jwtSecret = 's'.repeat(64);
const tokens = () => new SessionStorage({ jwtSecret });
const MEBIBYTE = Buffer.alloc(1 << 20, 'x');
/** More MiB than sockets and systems keep for a client that does not read. */
const CHUNKS = 32;

/** Changes the session, so that a credential is due. */
function change(session: Session | undefined): void {
  session?.set('sessionData', { n: 1 });
}

for (const { name, hasHttp2, build } of STREAM_FRAMEWORKS) {
  const hasMiddleware = !name.startsWith('fetch');
  for (const serve of hasHttp2 ? [overHttp1, overHttp2] : [overHttp1]) {
    describe(`stream(source): ${name} ${serve === overHttp2 ? 'by HTTP/2' : 'by HTTP/1.1'}`, () => {
      guardProcess();
      guardRejections();
      afterEach(() => {
        server?.close();
        restoreGlobals();
      });

      let server: StreamServer | undefined;
      let errors: readonly unknown[] = [];

      /** Serves streams of a source, with sessions in tokens unless the test says otherwise. */
      const serving = async (open: Open, app: Partial<StreamApp> = {}): Promise<StreamServer> => {
        const built = await build({ sessionStorage: tokens(), ...app, source: { open } });
        errors = built.errors;
        server = await serve(built.listener);
        return server;
      };

      it('sends the head of an event stream with the first write, and the credential in it', async () => {
        const { ask } = await serving(({ session }, sink) => {
          change(session);
          sink.write('data: 1\n\n');
        });
        const answer = await ask();
        expect(answer.status).to.equal(200);
        expect(answer.headers).to.include({
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'private, no-store, no-transform',
          'x-accel-buffering': 'no',
        });
        expect(answer.headers['set-cookie']?.[0]).to.match(/^sid=/);
        if (serve === overHttp2)
          expect(answer.headers).not.to.have.any.keys('connection', 'transfer-encoding', 'keep-alive');
        answer.leave();
      });

      it('sends no credential that is not due, and lets nobody store or change the stream', async () => {
        const { ask } = await serving((_request, sink) => sink.end());
        const { headers } = await ask({ method: 'HEAD' });
        expect(headers).to.include({ 'cache-control': 'private, no-store, no-transform' });
        expect(headers).not.to.have.property('set-cookie');
      });

      it('sends the head that the source begins with, before anything is written', async () => {
        const { ask } = await serving((_request, sink) => {
          sink.begin({ status: 202, headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] } });
        });
        const answer = await ask();
        expect(answer.status).to.equal(202);
        expect(answer.headers['content-type']).to.equal('text/plain');
        expect(answer.headers['set-cookie']).to.deep.equal(['a=1', 'b=2']);
        answer.leave();
      });

      if (hasMiddleware) {
        it('keeps the headers and cookies that middleware has set, but for those of another body', async () => {
          const { ask } = await serving(
            ({ method, session }, sink) => {
              change(session);
              if (method === 'POST') sink.begin({ status: 204, headers: { 'set-cookie': 'own=1' } });
              else sink.write('data: 1\n\n');
              sink.end();
            },
            { isDressed: true },
          );
          const own = { GET: [], HEAD: [], POST: ['own=1'], PUT: [] };
          for (const [method, lines] of Object.entries(own)) {
            const answer = await ask({ method });
            expect(answer.headers, method).to.include({ 'x-frame-options': 'DENY' });
            const { 'content-length': length, ...others } = OF_ANOTHER_BODY;
            expect(answer.headers, method).not.to.have.any.keys(...Object.keys(others));
            expect(answer.headers['content-length'], method).not.to.equal(length);
            const names = answer.headers['set-cookie']?.map((line) =>
              line.replace(/[;].*/, '').replace(/(sid=).*/, '$1'),
            );
            expect(names, method).to.have.members([
              'theme=dark',
              ...lines,
              ...(method === 'GET' || method === 'POST' ? ['sid='] : []),
            ]);
            expect(await answer.text(), method).to.equal(method === 'GET' ? 'data: 1\n\n' : '');
          }
        });
      }

      it('gives the source the session, the method, the headers and the URL as they came', async () => {
        const seen: StreamRequest<Session>[] = [];
        const { ask } = await serving((request, sink) => {
          seen.push(request);
          sink.end();
        });
        await ask({ method: 'POST', headers: { 'x-one': '1', 'x-list': ['a', 'b'] } });
        const [request] = seen;
        expect(request).to.include({ method: 'POST', url: '/live/events?a=1' });
        expect(request?.headers).to.include({ 'x-one': '1', 'x-list': 'a, b' });
        expect(request?.headers['toString']).to.equal(undefined);
        expect(Object.keys(request?.headers ?? {}).filter((key) => key.startsWith(':'))).to.deep.equal([]);
        expect(request?.session?.uid).to.equal(undefined);
      });

      it('keeps all chunks, in order, whether they are text or shared bytes', async () => {
        const shared = Buffer.from('data: shared\n\n');
        const written: string[] = [];
        const { ask } = await serving(({ session }, sink) => {
          change(session);
          for (let i = 0; i < 300; i += 1) {
            const text = `data: é${i}\n\n`;
            written.push(text, String(shared));
            sink.write(text);
            sink.write('');
            sink.write(shared);
          }
          sink.end();
        });
        for (const _turn of [1, 2]) {
          written.length = 0;
          expect(await (await ask()).text()).to.equal(written.join(''));
        }
      });

      it('says when the client does not keep up, and when it does again', async () => {
        let drains = 0;
        let written = 0;
        const { ask } = await serving((_request, sink) => {
          const fill = (): void => {
            while (written < CHUNKS) {
              written += 1;
              if (!sink.write(MEBIBYTE)) return;
            }
            sink.end();
          };
          sink.onDrain(() => {
            drains += 1;
            fill();
          });
          fill();
        });
        const answer = await ask();
        expect(written).to.be.lessThan(CHUNKS);
        expect((await answer.text()).length).to.equal(CHUNKS * MEBIBYTE.length);
        expect(drains).to.be.greaterThan(0);
      });

      it('tells the source that the client has left', async () => {
        const closed = promised();
        let calls = 0;
        let kept: Sink | undefined;
        const { ask } = await serving((_request, sink) => {
          kept = sink;
          sink.write('data: 1\n\n');
          sink.onClose(() => {
            calls += 1;
            closed.resolve();
          });
        });
        const answer = await ask();
        answer.leave();
        await closed.promise;
        expect(kept?.write('data: 2\n\n')).to.equal(false);
        kept?.end();
        kept?.cut();
        const late = promised();
        kept?.onClose(late.resolve);
        await late.promise;
        expect(calls).to.equal(1);
      });

      it('ends after what was written, tells the source, and leaves the connection to other requests', async () => {
        const closed = promised();
        const { ask } = await serving((_request, sink) => {
          sink.onClose(closed.resolve);
          sink.write('data: last\n\n');
          sink.end();
          expect(sink.write('data: more\n\n')).to.equal(false);
        });
        for (const _turn of [1, 2, 3]) expect(await (await ask()).text()).to.equal('data: last\n\n');
        await closed.promise;
      });

      it('cuts', async () => {
        const closed = promised();
        let kept: Sink | undefined;
        const { ask } = await serving((_request, sink) => {
          kept = sink;
          sink.onClose(closed.resolve);
          sink.write('data: 1\n\n');
        });
        const answer = await ask();
        const read = answer.text().then(
          () => 'whole',
          () => 'cut',
        );
        kept?.cut();
        expect(kept?.write('data: 2\n\n')).to.equal(false);
        await closed.promise;
        expect(await read).to.equal('cut');
      });

      const failing: readonly [how: string, open: Open][] = [
        [
          'throws',
          () => {
            throw new RangeError('a bug');
          },
        ],
        ['rejects', () => Promise.reject(new RangeError('a bug'))],
      ];
      for (const [how, open] of failing) {
        it(`leaves the answer to the framework if the source ${how} before it has begun`, async () => {
          const closed = promised();
          let kept: Sink | undefined;
          const { ask } = await serving((request, sink) => {
            kept = sink;
            sink.onClose(closed.resolve);
            return open(request, sink);
          });
          const answer = await ask();
          expect(answer.status).to.equal(500);
          await closed.promise;
          kept?.write('data: late\n\n');
          expect(await answer.text()).not.to.contain('late');
          expect(errors.map((error) => Object(error).message)).to.deep.equal(['a bug']);
        });
      }

      it('cuts, and warns once, if the source fails after it has begun', async () => {
        const warnings: string[] = [];
        const note = (warning: Error): void => void warnings.push(String(Reflect.get(warning, 'code')));
        process.on('warning', note);
        const { ask } = await serving(async (_request, sink) => {
          sink.write('data: 1\n\n');
          throw new RangeError('a bug');
        });
        for (const _turn of [1, 2]) {
          const outcome = await ask()
            .then((answer) => answer.text())
            .catch(() => 'cut');
          expect(outcome).to.equal('cut');
        }
        await new Promise((resolve) => setImmediate(resolve));
        process.off('warning', note);
        expect(warnings).to.deep.equal(['SESSIONS_STREAM_FAILED']);
        expect(errors).to.deep.equal([]);
      });

      it('leaves the answer to the framework if the session cannot be committed', async () => {
        const closed = promised();
        const store = new FaultyStore(new MemoryStore());
        const sessionStorage = new ServerSessionStorage({ store });
        const { ask } = await serving(
          ({ session }, sink) => {
            change(session);
            store.disconnect();
            sink.onClose(closed.resolve);
            sink.write('data: secret\n\n');
            setImmediate(() => sink.write('data: secret\n\n'));
          },
          { sessionStorage },
        );
        const answer = await ask();
        expect(answer.status).to.equal(503);
        expect(answer.headers).not.to.have.property('set-cookie');
        expect(answer.headers['content-type'] ?? '').not.to.contain('event-stream');
        expect(await answer.text()).not.to.contain('secret');
        await closed.promise;
        expect(errors.every((error) => error instanceof StoreUnavailable)).to.equal(true);
      });

      it('commits to a store before the head, while the source goes on', async () => {
        const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
        const { ask } = await serving(
          ({ session }, sink) => {
            change(session);
            sink.onDrain(() => {
              sink.write('data: 3\n\n');
              sink.end();
            });
            sink.write('data: 1\n\n');
            if (sink.write('data: 2\n\n')) {
              sink.write('data: 3\n\n');
              sink.end();
            }
          },
          { sessionStorage },
        );
        const answer = await ask();
        expect(answer.headers['set-cookie']).to.have.length(1);
        expect(await answer.text()).to.equal('data: 1\n\ndata: 2\n\ndata: 3\n\n');
      });

      it('answers 204 for a source that ends before it has written', async () => {
        const { ask } = await serving(({ session }, sink) => {
          change(session);
          sink.end();
        });
        const answer = await ask();
        expect(answer.status).to.equal(204);
        expect(answer.headers['set-cookie']).to.have.length(1);
        expect(answer.headers['cache-control']).to.contain('no-store');
        expect(await answer.text()).to.equal('');
      });

      it('answers HEAD and other methods itself', async () => {
        let opened = 0;
        const { ask } = await serving(
          (_request, sink) => {
            opened += 1;
            sink.end();
          },
          { csrf: 'origin' },
        );
        const head = await ask({ method: 'HEAD' });
        expect(head.status).to.equal(200);
        expect(head.headers['content-type']).to.equal('text/event-stream; charset=utf-8');
        expect(await head.text()).to.equal('');
        const put = await ask({ method: 'PUT' });
        expect(put.status).to.equal(405);
        expect(put.headers['allow']).to.equal('GET, HEAD, POST');
        expect(await put.text()).to.equal('');
        const options = await ask({ method: 'OPTIONS' });
        expect(options.status).to.equal(name.startsWith('fetch') ? 204 : 404);
        await options.text();
        expect(opened).to.equal(0);
      });

      it('names the cure if the request did not pass activateSessions', async () => {
        let opened = 0;
        const { ask } = await serving(
          (_request, sink) => {
            opened += 1;
            sink.end();
          },
          { sessionStorage: undefined },
        );
        const answer = await ask();
        expect(answer.status).to.equal(500);
        await answer.text();
        expect(opened).to.equal(0);
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(TypeError);
        expect(Object(errors[0]).message).to.match(
          /no session in "session": install activateSessions before the route/,
        );
      });

      it('finds the session by the property of its own', async () => {
        const found: unknown[] = [];
        const { ask } = await serving(
          ({ session }, sink) => {
            found.push(session?.sessionData);
            sink.end();
          },
          { property: 'account' },
        );
        await (await ask()).text();
        expect(found).to.deep.equal([{}]);
      });

      it("passes on that there is no session, with create: 'never'", async () => {
        const found: unknown[] = [];
        const { ask } = await serving(
          ({ session }, sink) => {
            found.push(session);
            sink.end();
          },
          { create: 'never' },
        );
        expect((await ask()).status).to.equal(204);
        expect(found).to.deep.equal([undefined]);
      });

      it('lets GET pass without a CSRF token, and POST only with one', async () => {
        const opened: string[] = [];
        const { ask } = await serving(
          ({ method }, sink) => {
            opened.push(method);
            sink.end();
          },
          { csrf: 'token' },
        );
        const passed = await ask();
        expect(passed.status).to.equal(204);
        await passed.text();
        const refused = await ask({ method: 'POST' });
        expect(refused.status).to.equal(403);
        await refused.text();
        expect(opened).to.deep.equal(['GET']);
      });

      it('is no activity, so it renews no credential', async () => {
        const clock = new FakeClock();
        const sessionStorage = new SessionStorage({ jwtSecret, clock });
        const { ask } = await serving((_request, sink) => sink.end(), { sessionStorage });
        const cookie = `sid=${sessionStorage.create().setUser('u1').forClient()}`;
        clock.advance(3_600_000);
        const byEventSource = await ask({ headers: { cookie, accept: 'text/event-stream' } });
        expect(byEventSource.headers).not.to.have.property('set-cookie');
        await byEventSource.text();
        expect((await ask({ headers: { cookie, accept: '*/*' } })).headers['set-cookie']).to.have.length(1);
      });
    });
  }
}
