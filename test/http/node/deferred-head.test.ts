import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import sinon from 'sinon';
import { deferHead, type HeadHooks, withdrawHead } from '../../../src/http/node/deferred-head.js';
import {
  answer503,
  ask,
  askInVain,
  guardProcess,
  type Handler,
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
    describe(`with a ${mode} commit`, () => {
      const serveDeferred = (handler: Handler) =>
        serve((incoming, response) => {
          deferHead(response, withCookie(response, mode));
          return handler(incoming, response);
        });

      it('adds its cookie to a response that only ends', async () => {
        const answer = await ask(await serveDeferred((_, response) => response.end('hello')));
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        expect(answer.headers['content-length']).to.equal('5');
        expect(answer.text).to.equal('hello');
      });

      it('adds it to a response that ends with nothing', async () => {
        const answer = await ask(await serveDeferred((_, response) => response.end()));
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        expect(answer.headers['content-length']).to.equal('0');
      });

      it('sends writes in their order, in their encodings, and calls every callback once', async () => {
        const called: string[] = [];
        const port = await serveDeferred((_, response) => {
          response.write('a', () => called.push('a'));
          response.write('62', 'hex', () => called.push('b'));
          response.write(Buffer.from('c'));
          response.end('ZA==', 'base64', () => called.push('end'));
        });
        const answer = await ask(port);
        expect(answer.text).to.equal('abcd');
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        expect(called).to.deep.equal(['a', 'b', 'end']);
      });

      it('understands end(callback) and end(chunk, callback)', async () => {
        const ended = sinon.spy();
        const port = await serveDeferred((incoming, response) => {
          if (incoming.url === '/chunk') response.end('x', ended);
          else response.end(ended);
        });
        expect((await ask(port)).text).to.equal('');
        expect((await ask(port, { path: '/chunk' })).text).to.equal('x');
        expect(ended.callCount).to.equal(2);
      });

      it('returns the response from writeHead and end', async () => {
        const port = await serveDeferred((_, response) => {
          expect(response.writeHead(200)).to.equal(response);
          expect(response.end('x')).to.equal(response);
        });
        expect((await ask(port)).text).to.equal('x');
      });

      it('keeps the headers of writeHead(status, object) and merges its own', async () => {
        const port = await serveDeferred((_, response) =>
          response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'], 'X-App': 'yes' }).end('made'),
        );
        const answer = await ask(port);
        expect(answer.status).to.equal(201);
        expect(answer.headers['set-cookie']).to.deep.equal(['a=1', 'b=2', 'sid=1']);
        expect(answer.headers['x-app']).to.equal('yes');
      });

      it('keeps every Set-Cookie line of a flat list, which replaces what was set before', async () => {
        const port = await serveDeferred((_, response) => {
          response.setHeader('Set-Cookie', 'old=0');
          response.writeHead(200, ['Set-Cookie', 'a=1', 'X-App', 'yes', 'set-cookie', 'b=2']).end();
        });
        const answer = await ask(port);
        expect(answer.headers['set-cookie']).to.deep.equal(['a=1', 'b=2', 'sid=1']);
        expect(answer.headers['x-app']).to.equal('yes');
      });

      it('takes a list of pairs', async () => {
        const port = await serveDeferred((_, response) => {
          Reflect.apply(response.writeHead, response, [
            200,
            [
              ['Set-Cookie', ['a=1', 'b=2']],
              ['X-App', 'yes'],
            ],
          ]);
          response.end();
        });
        const answer = await ask(port);
        expect(answer.headers['set-cookie']).to.deep.equal(['a=1', 'b=2', 'sid=1']);
        expect(answer.headers['x-app']).to.equal('yes');
      });

      it('keeps the message of writeHead(status, message, headers)', async () => {
        const port = await serveDeferred((_, response) => response.writeHead(202, 'Later', { 'X-App': 'yes' }).end());
        const answer = await ask(port);
        expect([answer.status, answer.message, answer.headers['x-app']]).to.deep.equal([202, 'Later', 'yes']);
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
      });

      it('keeps an empty message', async () => {
        const port = await serveDeferred((_, response) => response.writeHead(200, '').end());
        expect((await ask(port)).message).to.equal('');
      });

      it("does not put its cookie into the caller's own array", async () => {
        const shared = ['a=1'];
        const port = await serve((_, response) => {
          deferHead(response, {
            commit: () => {
              const add = () => void response.appendHeader('Set-Cookie', 'sid=1');
              return mode === 'synchronous' ? add() : nextTurn().then(add);
            },
            fail: unexpected,
          });
          response.writeHead(200, { 'Set-Cookie': shared }).end();
        });
        expect((await ask(port)).headers['set-cookie']).to.deep.equal(['a=1', 'sid=1']);
        expect(shared).to.deep.equal(['a=1']);
      });

      it('sends a stream byte by byte as it is', async () => {
        const bytes = Buffer.alloc(5 * 1024 * 1024, Buffer.from('0123456789abcdefg'));
        let drains = 0;
        const port = await serveDeferred((_, response) => {
          response.on('drain', () => drains++);
          const chunks = Array.from({ length: 80 }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
          Readable.from(chunks, { objectMode: false, highWaterMark: 65_536 }).pipe(response);
        });
        const answer = await ask(port);
        expect(answer.body.equals(bytes)).to.equal(true);
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        expect(drains).to.be.greaterThan(0);
      });

      it('commits before flushHeaders', async () => {
        const rest = promised();
        const port = await serveDeferred(async (_, response) => {
          response.setHeader('Content-Type', 'text/event-stream');
          response.flushHeaders();
          await rest.promise;
          response.write('data: 1\n\n');
          response.end();
        });
        const outgoing = request({ host: '127.0.0.1', port }).end();
        const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
        expect(incoming?.headers['set-cookie']).to.deep.equal(['sid=1']);
        rest.resolve();
        expect((await buffer(incoming ?? Readable.from([]))).toString()).to.equal('data: 1\n\n');
      });

      for (const [method, status, length] of [
        ['HEAD', 200, '4'],
        ['GET', 204, undefined],
        ['GET', 304, undefined],
      ] as const) {
        it(`leaves a ${status} to ${method} without a body, and the connection usable`, async () => {
          const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
          const sockets = new Set<unknown>();
          const port = await serveDeferred((incoming, response) => {
            sockets.add(incoming.socket);
            response.statusCode = status;
            if (method === 'HEAD') response.setHeader('Content-Length', 4);
            if (method === 'HEAD') response.write('ab');
            response.end(method === 'HEAD' ? 'cd' : undefined);
          });
          const first = await ask(port, { method, agent });
          await ask(port, { method, agent });
          agent.destroy();
          expect([first.status, first.text, first.headers['content-length']]).to.deep.equal([status, '', length]);
          expect(first.headers['set-cookie']).to.deep.equal(['sid=1']);
          expect(sockets.size).to.equal(1);
        });
      }

      it('lets early hints pass without committing', async () => {
        const hints: string[] = [];
        const commit = sinon.spy(() => (mode === 'synchronous' ? undefined : nextTurn()));
        const port = await serve((_, response) => {
          deferHead(response, { commit, fail: unexpected });
          response.writeEarlyHints({ link: '</a.css>; rel=preload' });
          response.writeProcessing();
          expect(commit.callCount).to.equal(0);
          response.end('x');
        });
        const outgoing = request({ host: '127.0.0.1', port });
        outgoing.on('information', (information) => hints.push(String(information.statusCode)));
        outgoing.end();
        const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
        incoming?.resume();
        expect(hints).to.deep.equal(['103', '102']);
        expect(commit.callCount).to.equal(1);
      });

      for (const [name, given] of [
        ['an invalid header value', [200, { 'X-App': 'a\nb' }]],
        ['an invalid header name', [200, { 'X App': 'a' }]],
        ['an undefined header value', [200, { 'X-App': undefined }]],
        ['a list of odd length', [200, ['X-App', 'a', 'X-Other']]],
        ['an invalid status', [99]],
        ['an invalid status message', [200, 'a\nb']],
      ] as const) {
        it(`throws Node's own error for ${name} before it commits`, async () => {
          const commit = sinon.spy();
          let ours: unknown;
          let theirs: unknown;
          const port = await serve((incoming, response) => {
            if (incoming.url === '/ours') deferHead(response, { commit, fail: unexpected });
            try {
              Reflect.apply(response.writeHead, response, given);
            } catch (error) {
              if (incoming.url === '/ours') ours = error;
              else theirs = error;
            }
            expect(commit.callCount).to.equal(0);
            response.socket?.destroy();
          });
          for (const path of ['/ours', '/theirs']) await ask(port, { path }).catch(() => undefined);
          expect(ours).to.be.instanceOf(Error);
          expect(String(ours)).to.equal(String(theirs));
          expect(ours).to.have.property('code').that.is.a('string');
          expect(ours).to.have.property('code', Object(theirs).code);
        });
      }

      it('runs the commit of two deferrals, the last one registered first, and once', async () => {
        const order: string[] = [];
        const hooks = (name: string): HeadHooks => ({
          commit: () => {
            if (mode === 'synchronous') return void order.push(name);
            return nextTurn().then(() => void order.push(name));
          },
          fail: unexpected,
        });
        const port = await serve((_, response) => {
          deferHead(response, hooks('outer'));
          deferHead(response, hooks('inner'));
          response.write('a');
          response.end('b');
        });
        expect((await ask(port)).text).to.equal('ab');
        expect(order).to.deep.equal(['inner', 'outer']);
      });

      it('works above and below a wrapper of the same methods', async () => {
        const wrap = (response: ServerResponse, name: string) => {
          const { writeHead, write, end } = response;
          let isHeadSeen = false;
          response.writeHead = function (this: ServerResponse, ...given: unknown[]) {
            if (!isHeadSeen) this.setHeader(`X-${name}`, 'seen');
            isHeadSeen = true;
            return Reflect.apply(writeHead, this, given);
          };
          response.write = function (this: ServerResponse, ...given: unknown[]) {
            if (!this.headersSent) this.writeHead(this.statusCode);
            return Reflect.apply(write, this, given);
          };
          response.end = function (this: ServerResponse, ...given: unknown[]) {
            if (!this.headersSent) this.writeHead(this.statusCode);
            return Reflect.apply(end, this, given);
          };
        };
        const port = await serve((_, response) => {
          wrap(response, 'Below');
          deferHead(response, withCookie(response, mode));
          wrap(response, 'Above');
          response.write('x');
          response.end('y');
        });
        const answer = await ask(port);
        expect(answer.text).to.equal('xy');
        expect([answer.headers['x-below'], answer.headers['x-above']]).to.deep.equal(['seen', 'seen']);
        expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
      });
    });
  }

  describe('with a synchronous commit', () => {
    it("gives the response back its own methods, Node's or a wrapper's", async () => {
      const port = await serve((_, response) => {
        const below = response.write.bind(response);
        response.write = below;
        deferHead(response, withCookie(response, 'synchronous'));
        expect(response.end).to.not.equal(ServerResponse.prototype.end);
        response.flushHeaders();
        expect(response.headersSent).to.equal(true);
        for (const name of ['writeHead', 'end', 'flushHeaders'] as const) {
          expect(response[name], name).to.equal(ServerResponse.prototype[name]);
        }
        expect(response.write).to.equal(below);
        response.end();
      });
      expect((await ask(port)).status).to.equal(200);
    });

    it('passes the answer of the original write on', async () => {
      const answers: boolean[] = [];
      const port = await serve((_, response) => {
        deferHead(response, withCookie(response, 'synchronous'));
        answers.push(response.write('small'));
        response.end();
      });
      await ask(port);
      expect(answers).to.deep.equal([true]);
    });

    it('takes no deferral after the head was sent', async () => {
      const taken: boolean[] = [];
      const commit = sinon.spy();
      const port = await serve((_, response) => {
        deferHead(response, withCookie(response, 'synchronous'));
        response.flushHeaders();
        taken.push(deferHead(response, { commit, fail: unexpected }));
        response.end('x');
      });
      expect((await ask(port)).text).to.equal('x');
      expect([taken, commit.callCount]).to.deep.equal([[false], 0]);
    });
  });

  describe('withdrawn', () => {
    it('gives the response back its own methods, and runs no commit', async () => {
      const commit = sinon.spy();
      const port = await serve((_, response) => {
        const { writeHead, write, end } = response;
        const hooks = { commit, fail: unexpected };
        deferHead(response, hooks);
        withdrawHead(response, hooks);
        response.end(String([response.writeHead === writeHead, response.write === write, response.end === end]));
      });
      expect((await ask(port)).text).to.equal('true,true,true');
      expect(commit.callCount).to.equal(0);
    });

    it('leaves the hooks of others in force', async () => {
      const commit = sinon.spy();
      const port = await serve((_, response) => {
        const hooks = { commit, fail: unexpected };
        deferHead(response, hooks);
        deferHead(response, withCookie(response, 'synchronous'));
        withdrawHead(response, hooks);
        withdrawHead(response, hooks);
        response.end('x');
      });
      expect((await ask(port)).headers['set-cookie']).to.deep.equal(['sid=1']);
      expect(commit.callCount).to.equal(0);
    });

    it('comes too late for a commit that is running, or a response that never waited', async () => {
      const port = await serve((incoming, response) => {
        const hooks = withCookie(response, 'asynchronous');
        if (incoming.url === '/') deferHead(response, hooks);
        response.write('x');
        withdrawHead(response, hooks);
        response.end();
      });
      expect((await ask(port)).headers['set-cookie']).to.deep.equal(['sid=1']);
      expect((await ask(port, { path: '/never' })).text).to.equal('x');
    });
  });

  describe('while an asynchronous commit is pending', () => {
    it('sends nothing: headersSent is false, write answers false', async () => {
      const commit = promised();
      const port = await serve((_, response) => {
        deferHead(response, { commit: () => commit.promise, fail: unexpected });
        expect(response.write('a')).to.equal(false);
        expect(response.headersSent).to.equal(false);
        response.write('b', () => {
          expect(response.headersSent).to.equal(true);
          response.end('c');
        });
        commit.resolve();
      });
      expect((await ask(port)).text).to.equal('abc');
    });

    it('emits one drain after the queue, and none when nothing was refused', async () => {
      const drains: string[] = [];
      const port = await serve(async (incoming, response) => {
        const commit = promised();
        const url = String(incoming.url);
        response.on('drain', () => drains.push(url));
        deferHead(response, { commit: () => commit.promise, fail: unexpected });
        if (url === '/write') response.write('a');
        if (url === '/write') response.write('b');
        if (url === '/flush') response.flushHeaders();
        commit.resolve();
        await nextTurn();
        response.end('c');
      });
      expect((await ask(port, { path: '/write' })).text).to.equal('abc');
      expect((await ask(port, { path: '/flush' })).text).to.equal('c');
      expect(drains).to.deep.equal(['/write']);
    });

    it('leaves the drain to Node when the original write answered false', async () => {
      const drained = promised();
      const needs: boolean[] = [];
      const port = await serve(async (_, response) => {
        deferHead(response, { commit: () => nextTurn(), fail: unexpected });
        response.on('drain', () => {
          needs.push(response.writableNeedDrain);
          drained.resolve();
        });
        response.write(Buffer.alloc(8 * 1024 * 1024));
        await drained.promise;
        response.end();
      });
      expect((await ask(port)).body.length).to.equal(8 * 1024 * 1024);
      expect(needs).to.deep.equal([false]);
    });

    it('lets an error handler answer instead of what was written so far', async () => {
      const dropped = sinon.spy();
      const port = await serve((_, response) => {
        const commit = promised();
        deferHead(response, { commit: () => commit.promise, fail: unexpected });
        response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': 999 });
        response.write('<table>', dropped);
        expect(response.headersSent).to.equal(false);
        response.writeHead(500, { 'Content-Type': 'text/plain', 'Content-Length': 4 }).end('oops');
        commit.resolve();
      });
      const answer = await ask(port);
      expect([answer.status, answer.text]).to.deep.equal([500, 'oops']);
      expect(dropped.callCount).to.equal(1);
    });

    for (const [part, change] of [
      ['another status', (response: ServerResponse) => void Object.assign(response, { statusCode: 500 })],
      ['another type', (response: ServerResponse) => void response.setHeader('Content-Type', 'text/plain')],
    ] as const) {
      it(`takes ${part} as the beginning of that answer, which end() completes`, async () => {
        const port = await serve((_, response) => {
          const commit = promised();
          deferHead(response, { commit: () => commit.promise, fail: unexpected });
          response.write('partial');
          change(response);
          response.end('whole');
          commit.resolve();
        });
        expect((await ask(port)).text).to.equal('whole');
      });
    }

    it('sends the first answer of a handler that answers twice, with its own head', async () => {
      const port = await serve((_, response) => {
        const commit = promised();
        const answer = (status: number, body: string) => {
          response.statusCode = status;
          response.setHeader('Content-Type', `text/x-${body}`);
          response.setHeader('Content-Length', body.length);
          response.end(body);
        };
        deferHead(response, { commit: () => commit.promise, fail: unexpected });
        answer(200, 'first');
        answer(500, 'the second');
        response.writeHead(500, { 'X-Late': 'yes' });
        commit.resolve();
      });
      const { status, text, headers } = await ask(port);
      expect(headers).to.not.have.property('x-late');
      expect([status, text, headers['content-type'], headers['content-length']]).to.deep.equal([
        200,
        'first',
        'text/x-first',
        '5',
      ]);
    });

    it('survives a client that goes away, and calls the callbacks of writes as Node does', async () => {
      const commit = promised();
      const wrote = promised();
      const errors: unknown[] = [];
      const port = await serve(async (incoming, response) => {
        deferHead(response, { commit: () => commit.promise, fail: unexpected });
        response.write('a', (error) => {
          errors.push(error);
          wrote.resolve();
        });
        response.end('b');
        incoming.socket.destroy();
        await once(response, 'close');
        commit.resolve();
      });
      await askInVain(port);
      await wrote.promise;
      expect(errors).to.have.length(1);
      expect(errors[0]).to.have.property('code', 'ERR_STREAM_DESTROYED');
    });

    it('answers with the error of a queued call that Node refuses', async () => {
      const failures: unknown[] = [];
      const port = await serve((_, response) => {
        deferHead(response, {
          commit: () => nextTurn(),
          fail: (error) => {
            failures.push(error);
            answer503(response)();
          },
        });
        Reflect.apply(response.write, response, [42]);
        response.end('x');
      });
      const answer = await ask(port);
      expect([answer.status, answer.text]).to.deep.equal([503, 'no store']);
      expect(failures[0]).to.have.property('code', 'ERR_INVALID_ARG_TYPE');
    });

    it('cuts the response when that happens after its head was sent', async () => {
      const failures: unknown[] = [];
      const port = await serve((_, response) => {
        deferHead(response, { commit: () => nextTurn(), fail: (error) => failures.push(error) });
        response.write('x');
        Reflect.apply(response.write, response, [42]);
        response.end('y');
      });
      expect(await askInVain(port)).to.have.property('code', 'ECONNRESET');
      expect(failures[0]).to.have.property('code', 'ERR_INVALID_ARG_TYPE');
    });

    it('keeps pipelined responses in order', async () => {
      const port = await serve((incoming, response) => {
        deferHead(response, withCookie(response, 'asynchronous'));
        response.write(`${incoming.url} `);
        response.end('done\n');
      });
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      const text = (await buffer(socket)).toString();
      expect(text.indexOf('/1 ')).to.be.greaterThan(0);
      expect(text.indexOf('/2 ')).to.be.greaterThan(text.indexOf('/1 '));
      expect(text.match(/sid=1/g)).to.have.length(2);
    });
  });
});
