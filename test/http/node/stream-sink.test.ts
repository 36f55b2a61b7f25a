import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { expect } from 'chai';
import compression from 'compression';
import express from 'express';
import { useFakeTimers } from 'sinon';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import { NodeSink } from '../../../src/http/node/stream-sink.js';
import {
  ask,
  askInVain,
  guardProcess,
  modes,
  nextTurn,
  promised,
  serve,
  withCookie,
} from '../../support/deferred-head.js';

const shared = Buffer.from('data: shared\n\n');

/** A sink whose request nobody else answers. */
function sinkOf({ socket }: IncomingMessage, response: ServerResponse): NodeSink {
  const failed = (error: unknown): never => {
    throw error;
  };
  return new NodeSink(socket, response, { begun: () => undefined, failed });
}

/** The chunks that are written to a socket from now on. */
function writesOf(socket: Socket | null): unknown[] {
  const writes: unknown[] = [];
  if (socket === null) return writes;
  const write = Reflect.get(socket, 'write');
  Reflect.set(socket, 'write', (...given: unknown[]) => {
    writes.push(given[0]);
    return Reflect.apply(write, socket, given);
  });
  return writes;
}

/** All that a server answers to the bytes of a client, until it closes the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return await text(socket);
}

describe('NodeSink', () => {
  guardProcess();

  it('writes a chunk as one framed buffer to the socket, the same for all sinks', async () => {
    const writes: unknown[][] = [];
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      sink.begin({ status: 200, headers: {} });
      writes.push(writesOf(response.socket));
      sink.write(shared);
      sink.write(shared);
      sink.end();
    });
    const headers = { connection: 'close' };
    expect((await ask(port, { headers })).text).to.equal(`${shared}${shared}`);
    await ask(port, { headers });
    const framed = writes.flat().filter((chunk) => chunk instanceof Buffer);
    expect(framed.map(String)).to.deep.equal(new Array(4).fill(`e\r\n${shared}\r\n`));
    expect(new Set(framed)).to.have.lengthOf(1);
  });

  for (const mode of modes) {
    it(`has the response's own methods again after a commit that is ${mode}, so that frames are allowed`, async () => {
      let writes: unknown[] = [];
      const port = await serve((request, response) => {
        deferHead(response, withCookie(response, mode));
        const sink = sinkOf(request, response);
        const finish = (): void => {
          writes = writesOf(response.socket);
          sink.write(shared);
          sink.end();
        };
        // In a later turn: until then, Node 26 holds back what was written.
        const later = (): unknown => setImmediate(finish);
        sink.onDrain(later);
        if (sink.write('data: 1\n\n')) later();
      });
      const { text: body, headers } = await ask(port);
      expect(headers['set-cookie']).to.deep.equal(['sid=1']);
      expect(body).to.equal(`data: 1\n\n${shared}`);
      expect(writes.map(String)).to.include(`e\r\n${shared}\r\n`);
    });
  }

  it('keeps the order with what the response itself still has to send', async () => {
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      sink.write('1');
      response.write('2');
      sink.write(shared);
      response.cork();
      response.write('3');
      sink.write('4');
      response.uncork();
      sink.write('5');
      sink.end();
    });
    expect((await ask(port)).text).to.equal(`12${shared}345`);
  });

  it('writes through what wraps the response', async () => {
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      const { write } = response;
      response.write = (chunk: unknown) => write.call(response, String(chunk).toUpperCase(), 'utf8');
      sink.write(shared);
      sink.write('more');
      sink.end();
    });
    expect((await ask(port)).text).to.equal('DATA: SHARED\n\nMORE');
  });

  it('writes nothing into the answer to a failed commit, however long that takes', async () => {
    const closed = promised();
    let sink: NodeSink | undefined;
    const port = await serve((request, response) => {
      const fail = (): void => {
        response.statusCode = 503;
        sink?.write('secret');
        setImmediate(() => {
          sink?.write('secret');
          sink?.end();
          response.end('no store');
        });
      };
      deferHead(response, { commit: () => Promise.reject(new Error('no store')), fail });
      sink = sinkOf(request, response);
      sink.onClose(closed.resolve);
      sink.write('secret');
    });
    const { status, text: body } = await ask(port);
    expect({ status, body }).to.deep.equal({ status: 503, body: 'no store' });
    await closed.promise;
  });

  for (const method of ['write', 'end'] as const) {
    it(`cuts a response whose ${method} throws, and tells the source`, async () => {
      const closed = promised();
      const port = await serve((request, response) => {
        const sink = sinkOf(request, response);
        sink.onClose(closed.resolve);
        sink.write(shared);
        response[method] = () => {
          throw new RangeError('a bug of what wraps it');
        };
        expect(sink.write(shared)).to.equal(method === 'end');
        sink.end();
        expect(sink.write(shared)).to.equal(false);
      });
      await askInVain(port);
      await closed.promise;
    });
  }

  it('is cut some time after its end if the client does not read the rest', async () => {
    const time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [ended, closed] = [promised(), promised()];
      const port = await serve((request, response) => {
        const sink = sinkOf(request, response);
        sink.onClose(closed.resolve);
        sink.write(Buffer.alloc(30_000_000));
        sink.end();
        ended.resolve();
      });
      const client = connect(port, '127.0.0.1').pause();
      client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      await ended.promise;
      time.tick(9_999);
      await nextTurn();
      client.resume();
      await once(client, 'data');
      client.pause();
      time.tick(1);
      await closed.promise;
      client.destroy();
    } finally {
      time.restore();
    }
  });

  it('waits for nothing once its client has the rest', async () => {
    const time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const port = await serve((request, response) => {
        const sink = sinkOf(request, response);
        sink.write(shared);
        sink.end();
      });
      await ask(port);
      await nextTurn();
      expect(time.countTimers()).to.equal(0);
    } finally {
      time.restore();
    }
  });

  it('waits behind an earlier response of the connection', async () => {
    const first = promised();
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      if (request.url === '/1') first.promise.then(() => response.end('first'));
      else {
        sink.write('second');
        sink.write(shared);
        sink.end();
        first.resolve();
      }
    });
    const answered = await exchange(
      port,
      'GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    );
    expect(answered).to.match(/first.*second.*shared/s);
  });

  it('learns that a connection is gone on which it waited behind another response', async () => {
    const closed = promised();
    const arrived = promised();
    const port = await serve((request, response) => {
      if (request.url === '/1') return;
      sinkOf(request, response).onClose(closed.resolve);
      arrived.resolve();
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n');
    await arrived.promise;
    socket.destroy();
    await closed.promise;
  });

  it('listens to no socket that its response listens to', async () => {
    const added: number[] = [];
    const port = await serve((request, response) => {
      const before = request.socket.listenerCount('close');
      const sink = sinkOf(request, response);
      added.push(request.socket.listenerCount('close') - before);
      sink.end();
    });
    await ask(port);
    expect(added).to.deep.equal([0]);
  });

  it('sends no frames where there are no chunks: HTTP/1.0, and a response that says its length', async () => {
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      sink.begin({ status: 200, headers: request.url === '/long' ? { 'content-length': '14' } : {} });
      sink.write(shared);
      sink.end();
    });
    expect(await exchange(port, 'GET / HTTP/1.0\r\nhost: a\r\n\r\n')).to.match(/\r\n\r\ndata: shared\n\n$/);
    expect((await ask(port, { path: '/long' })).text).to.equal(String(shared));
  });

  it('sets no header of the connection, and no other header than those of the head', async () => {
    let names: string[] = [];
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      sink.write(shared);
      names = response.getHeaderNames();
      sink.end();
    });
    await ask(port);
    expect(names).to.deep.equal(['content-type', 'cache-control', 'x-accel-buffering']);
  });

  it('sends its cookies beside those that the application has set', async () => {
    const port = await serve((request, response) => {
      response.setHeader('set-cookie', 'theme=dark');
      const sink = sinkOf(request, response);
      sink.begin({ status: 204, headers: { 'set-cookie': ['a=1', 'b=2'] } });
      sink.end();
    });
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer.match(/^set-cookie: .*$/gim)?.map((line) => line.slice(12))).to.deep.equal([
      'theme=dark',
      'a=1',
      'b=2',
    ]);
  });

  it('is no idle connection, whatever the timeout of the server', async () => {
    const timeouts: (number | undefined)[] = [];
    const port = await serve((request, response) => {
      response.setTimeout(60_000);
      timeouts.push(request.socket.timeout);
      const sink = sinkOf(request, response);
      sink.write(shared);
      timeouts.push(request.socket.timeout);
      sink.end();
    });
    await ask(port);
    expect(timeouts).to.deep.equal([60_000, 0]);
  });

  it('gives a head that Node refuses to the framework', async () => {
    const port = await serve(({ socket }, response) => {
      const failed = (error: unknown): void => {
        response.statusCode = 500;
        response.end(String(Reflect.get(Object(error), 'code')));
      };
      const sink = new NodeSink(socket, response, { begun: () => undefined, failed });
      sink.begin({ status: 200, headers: { 'x-bad': 'a\nb' } });
      expect(sink.write(shared)).to.equal(false);
    });
    const { status, text: body } = await ask(port);
    expect({ status, body }).to.deep.equal({ status: 500, body: 'ERR_INVALID_CHAR' });
  });

  it('writes nothing more to a response that another has ended', async () => {
    const port = await serve((request, response) => {
      const sink = sinkOf(request, response);
      sink.write(shared);
      response.end('the end');
      expect(sink.write(shared)).to.equal(false);
      sink.end();
    });
    expect((await ask(port)).text).to.equal(`${shared}the end`);
  });

  it('sends each event at once through a compression', async () => {
    let sink: NodeSink | undefined;
    const app = express();
    app.use(compression({ threshold: 0, filter: () => true }));
    app.use((request, response) => {
      sink = sinkOf(request, response);
      sink.begin({ status: 200, headers: { 'content-type': 'text/event-stream' } });
      sink.write('data: 1\n\n');
    });
    const port = await serve(app);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.0\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n');
    const unzipped = createGunzip();
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      if (head.includes('\r\n\r\n')) unzipped.write(chunk);
      else {
        head += chunk.toString('latin1');
        const body = head.indexOf('\r\n\r\n') + 4;
        if (body > 3) unzipped.write(Buffer.from(head.slice(body), 'latin1'));
      }
    });
    expect(String((await once(unzipped, 'data'))[0])).to.equal('data: 1\n\n');
    sink?.write(Buffer.from('data: 2\n\n'));
    expect(String((await once(unzipped, 'data'))[0])).to.equal('data: 2\n\n');
    expect(head).to.match(/content-encoding: gzip/i);
    socket.destroy();
  });

  it('is not compressed with the head of an event stream', async () => {
    const app = express();
    app.use(compression({ threshold: 0, filter: () => true }));
    app.use((request, response) => {
      const sink = sinkOf(request, response);
      sink.write('data: 1\n\n');
      sink.end();
    });
    const { headers, text: body } = await ask(await serve(app), { headers: { 'accept-encoding': 'gzip' } });
    expect(headers).not.to.have.property('content-encoding');
    expect(body).to.equal('data: 1\n\n');
  });
});
