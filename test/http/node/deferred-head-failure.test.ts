import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import sinon from 'sinon';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import {
  answer503,
  ask,
  askInVain,
  guardProcess,
  modes,
  nextTurn,
  promised,
  serve,
  unexpected,
  withCookie,
} from '../../support/deferred-head.js';

describe('deferHead', () => {
  guardProcess();

  for (const mode of modes) {
    describe(`with a failing ${mode} commit`, () => {
      const failing = (): (() => void | Promise<void>) =>
        mode === 'synchronous'
          ? () => {
              throw new Error('store down');
            }
          : () => nextTurn().then(() => Promise.reject(new Error('store down')));

      it('sends nothing of the answer, and calls fail once with the error', async () => {
        const fail = sinon.spy();
        const port = await serve((_, response) => {
          deferHead(response, {
            commit: failing(),
            fail: (error) => {
              fail(error);
              expect(response.headersSent).to.equal(false);
              expect(response.statusCode).to.equal(200);
              answer503(response)();
            },
          });
          response.setHeader('Vary', 'Cookie');
          response.setHeader('ETag', '"x"');
          response.setHeader('Cache-Control', 'public, max-age=60');
          response.writeHead(206, 'Some', { 'Content-Range': 'bytes 0-4/9', 'Content-Encoding': 'gzip' });
          response.write('secret');
          response.end();
        });
        const { headers, status, message, text } = await ask(port);
        expect([status, message, text]).to.deep.equal([503, 'Service Unavailable', 'no store']);
        expect(headers).to.include({ vary: 'Cookie', 'content-type': 'text/plain', 'content-length': '8' });
        expect(headers).to.not.have.any.keys('etag', 'content-range', 'content-encoding');
        expect(headers['cache-control']).to.equal('private, no-store');
        expect(fail.callCount).to.equal(1);
        expect(fail.firstCall.args[0]).to.have.property('message', 'store down');
      });

      it('does not throw: write answers false, end and writeHead the response', async () => {
        const port = await serve((_, response) => {
          deferHead(response, { commit: failing(), fail: answer503(response) });
          expect(response.writeHead(200)).to.equal(response);
          expect(response.write('a')).to.equal(false);
          expect(response.end('b')).to.equal(response);
        });
        expect((await ask(port)).text).to.equal('no store');
      });

      it('leaves a Cache-Control that forbids storing, which holds for the error too', async () => {
        const port = await serve((_request, response) => {
          deferHead(response, { commit: failing(), fail: answer503(response) });
          response.setHeader('Cache-Control', 'private, no-store');
          response.end('secret');
        });
        const { headers, status } = await ask(port);
        expect(status).to.equal(503);
        expect(headers).to.include({ 'cache-control': 'private, no-store' });
      });

      it('tells the callbacks of what is discarded, once, with an error', async () => {
        const done = sinon.spy();
        const port = await serve((_, response) => {
          deferHead(response, { commit: failing(), fail: answer503(response) });
          response.write('a', done);
          response.write('b', 'utf8', done);
          response.end(done);
        });
        await ask(port);
        expect(done.callCount).to.equal(3);
        for (const call of done.getCalls()) expect(call.args[0]).to.have.property('code', 'ERR_STREAM_DESTROYED');
      });

      it('keeps out what the abandoned handler writes in the same run', async () => {
        const port = await serve((_, response) => {
          deferHead(response, { commit: failing(), fail: answer503(response) });
          response.write('a');
          response.write('b');
          if (mode === 'synchronous') response.writeHead(200, { 'X-Late': 'yes' });
          response.flushHeaders();
          response.end('c');
          response.end('d');
        });
        const answer = await ask(port);
        expect(answer.headers).to.not.have.property('x-late');
        expect([answer.status, answer.text]).to.deep.equal([503, 'no store']);
      });

      it('keeps out what it writes after the error was answered', async () => {
        const late = promised();
        const done = promised();
        const port = await serve(async (_, response) => {
          deferHead(response, {
            commit: failing(),
            fail: () => {
              answer503(response)();
              // Still in the tick of the answer, where Node would emit an error that nobody hears.
              response.write('b');
              late.resolve();
            },
          });
          response.write('a');
          await late.promise;
          expect(response.write('c')).to.equal(false);
          response.writeHead(200);
          response.flushHeaders();
          response.end('d');
          done.resolve();
        });
        expect((await ask(port)).text).to.equal('no store');
        await done.promise;
      });

      it('keeps out what it writes before an error handler that takes its time', async () => {
        const failed = promised();
        const wrote = promised();
        const port = await serve(async (_, response) => {
          deferHead(response, {
            commit: failing(),
            fail: () => {
              failed.resolve();
              void wrote.promise.then(() => {
                response.writeHead(503, { 'Content-Type': 'text/plain' });
                response.write('no ');
                response.end('store');
              });
            },
          });
          response.write('a');
          await failed.promise;
          response.write('b');
          response.writeHead(200);
          response.flushHeaders();
          response.end('c');
          wrote.resolve();
        });
        const answer = await ask(port);
        expect([answer.status, answer.text]).to.deep.equal([503, 'no store']);
      });

      it('keeps an abandoned pipe out of an answer in pieces', async () => {
        const page = Buffer.alloc(1024 * 1024, 'e');
        const port = await serve((_, response) => {
          deferHead(response, {
            commit: failing(),
            fail: () => {
              response.statusCode = 503;
              Readable.from([page.subarray(0, 900_000), page.subarray(900_000)]).pipe(response);
            },
          });
          Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536, 'a'))).pipe(response);
        });
        const answer = await ask(port);
        expect(answer.status).to.equal(503);
        expect(answer.body.equals(page)).to.equal(true);
      });

      it('never commits again', async () => {
        const commit = sinon.spy(failing());
        const port = await serve((_, response) => {
          deferHead(response, { commit, fail: answer503(response) });
          response.end('a');
        });
        await ask(port);
        expect(commit.callCount).to.equal(1);
      });

      it('cuts the connection when fail throws', async () => {
        const port = await serve((_, response) => {
          deferHead(response, { commit: failing(), fail: unexpected });
          response.end('a');
        });
        expect(await askInVain(port)).to.have.property('code', 'ECONNRESET');
      });

      it('still runs the other commit before the answer of the error', async () => {
        const port = await serve((_, response) => {
          deferHead(response, withCookie(response, mode));
          deferHead(response, { commit: failing(), fail: () => response.end('oops') });
          response.end('a');
        });
        const answer = await ask(port);
        expect(answer.text).to.equal('oops');
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
      });

      it('gets past a wrapper that has already taken the answer in', async () => {
        const port = await serve((_, response) => {
          deferHead(response, { commit: failing(), fail: answer503(response) });
          const { end } = response;
          let isEnded = false;
          response.end = function (this: ServerResponse, ...given: unknown[]) {
            if (isEnded) return this;
            isEnded = true;
            return Reflect.apply(end, this, given);
          };
          response.end('a');
        });
        expect((await ask(port)).text).to.equal('no store');
      });

      it('calls fail, and crashes nothing, for a client that is gone', async () => {
        const failed = promised();
        const port = await serve(async (incoming, response) => {
          deferHead(response, {
            commit: failing(),
            fail: () => {
              answer503(response)();
              failed.resolve();
            },
          });
          incoming.socket.destroy();
          await once(response, 'close');
          response.write('a');
          response.end('b');
        });
        await askInVain(port);
        await failed.promise;
      });
    });
  }
});
