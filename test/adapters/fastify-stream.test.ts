import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import Fastify, { type onSendAsyncHookHandler } from 'fastify';
import { activateSessions, stream } from '../../src/adapters/fastify.js';
import { MemoryStore, ServerSessionStorage, type Session, SessionStorage } from '../../src/index.js';
import type { StreamSource } from '../../src/ports/stream.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { ask, guardProcess, promised, serve } from '../support/deferred-head.js';

const source: StreamSource<Session> = {
  open({ session }, sink) {
    session?.set('sessionData', { n: 1 });
    sink.begin({ status: 200, headers: { 'content-type': 'text/event-stream', 'x-mine': 'source' } });
    sink.write('data: 1\n\n');
    sink.end();
  },
};

describe('stream(source): Fastify', () => {
  guardProcess();

  it('takes the reply over after the hooks, with the headers that it has, but for those of the source', async () => {
    let sent = 0;
    const app = Fastify();
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'x-mine': 'plugin', vary: 'Origin', 'set-cookie': ['a=1', 'b=2'] });
    });
    app.addHook('onSend', async () => {
      sent += 1;
    });
    app.register(activateSessions, {
      sessionStorage: new ServerSessionStorage({ store: new MemoryStore() }),
      cookie: true,
    });
    app.register(async (context) => {
      context.get('/live', stream(source));
      context.all('/all', stream(source));
    });
    await app.ready();
    const port = await serve((request, response) => app.routing(request, response));
    for (const path of ['/live', '/all']) {
      const { status, headers, text } = await ask(port, { path });
      expect({ status, text }).to.deep.equal({ status: 200, text: 'data: 1\n\n' });
      expect(headers).to.include({ 'x-mine': 'source', vary: 'Origin, Cookie' });
      expect(headers['set-cookie']?.map((line) => line.slice(0, 3))).to.deep.equal(['a=1', 'b=2', 'sid']);
    }
    expect(sent).to.equal(2);
  });

  it('answers inject, as in the tests of an application', async () => {
    const app = Fastify();
    app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
    app.register(async (context) => void context.all('/', stream(source)));
    const { statusCode, headers, body } = await app.inject('/');
    expect([statusCode, headers['x-mine'], body]).to.deep.equal([200, 'source', 'data: 1\n\n']);
    expect(String(headers['set-cookie'])).to.match(/^sid=/);
  });

  /** A stream behind a hook that sees the payload. */
  async function hooked(onSend: onSendAsyncHookHandler<unknown>, open: StreamSource['open']): Promise<number> {
    const app = Fastify();
    app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
    app.addHook('onSend', onSend);
    app.register(async (context) => void context.all('/', stream({ open })));
    await app.ready();
    return await serve((request, response) => app.routing(request, response));
  }

  it('keeps what the source writes before the hooks have run, and says when it can go on', async () => {
    const hook = promised();
    const large = 'x'.repeat(1 << 18);
    const port = await hooked(
      async (_request, _reply, payload) => {
        await hook.promise;
        return payload;
      },
      (_request, sink) => {
        expect(sink.write('1')).to.equal(true);
        expect(sink.write(large)).to.equal(false);
        sink.onDrain(() => {
          sink.write('3');
          sink.end();
          expect(sink.write('4')).to.equal(false);
        });
        hook.resolve();
      },
    );
    expect((await ask(port)).text).to.equal(`1${large}3`);
  });

  it('writes to what a hook has put between', async () => {
    const port = await hooked(
      async (_request, _reply, payload) => (payload instanceof Readable ? payload.pipe(new PassThrough()) : payload),
      (_request, sink) => {
        let left = 20;
        const fill = (): void => {
          while (left > 0) {
            left -= 1;
            if (!sink.write('x'.repeat(100_000))) return;
          }
          sink.end();
        };
        sink.onDrain(fill);
        fill();
      },
    );
    expect((await ask(port)).text).to.have.lengthOf(2_000_000);
  });

  it('closes if a hook fails, and leaves the answer to Fastify', async () => {
    const closed = promised();
    let calls = 0;
    const port = await hooked(
      async (_request, _reply, payload) => {
        calls += 1;
        if (calls === 1) throw new RangeError('a bug');
        return payload;
      },
      (_request, sink) => {
        sink.onClose(closed.resolve);
        sink.write('data: 1\n\n');
      },
    );
    const { status, text } = await ask(port);
    expect(status).to.equal(500);
    expect(text).to.contain('a bug').and.not.contain('data:');
    await closed.promise;
  });

  it('cuts if the source fails while the hooks run', async () => {
    const hook = promised();
    const port = await hooked(
      async (_request, _reply, payload) => {
        await hook.promise;
        return payload;
      },
      (_request, sink) => {
        sink.write('data: 1\n\n');
        hook.resolve();
        throw new RangeError('a bug');
      },
    );
    const outcome = await ask(port).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect(outcome).to.equal('cut');
  });

  it('leaves a reply alone that something else has sent before the source began', async () => {
    const closed = promised();
    const app = Fastify();
    app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
    app.addHook(
      'preHandler',
      async (_request, reply) => void setImmediate(() => reply.header('x-a', '1').send('busy')),
    );
    app.register(async (context) => {
      context.get('/', stream({ open: (_request, sink) => sink.onClose(closed.resolve) }));
    });
    await app.ready();
    const port = await serve((request, response) => app.routing(request, response));
    const { status, text } = await ask(port);
    expect({ status, text }).to.deep.equal({ status: 200, text: 'busy' });
    await closed.promise;
  });

  it('lets go of the request and the reply once the stream has begun, though its session stays', async () => {
    const held: unknown[] = [];
    const requests: WeakRef<object>[] = [];
    const app = Fastify();
    app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
    app.addHook('preHandler', async (request, reply) => void requests.push(new WeakRef(request), new WeakRef(reply)));
    app.register(async (context) => {
      const open: StreamSource<Session>['open'] = ({ session }, sink) => {
        held.push(session, sink);
        sink.write('data: 1\n\n');
      };
      context.get('/', stream<Session>({ open }));
    });
    await app.ready();
    const port = await serve((request, response) => app.routing(request, response));
    const client = get({ port, host: '127.0.0.1' });
    const [response]: IncomingMessage[] = await once(client, 'response');
    await nextTurn();
    collectGarbage();
    expect(held).to.have.lengthOf(2);
    expect(requests.map((one) => one.deref())).to.deep.equal([undefined, undefined]);
    response?.destroy();
  });
});
