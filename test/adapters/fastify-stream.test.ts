import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import Fastify from 'fastify';
import { activateSessions, stream } from '../../src/adapters/fastify.js';
import { MemoryStore, ServerSessionStorage, type Session, SessionStorage } from '../../src/index.js';
import type { StreamSource } from '../../src/ports/stream.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { ask, guardProcess, promised, serve } from '../support/deferred-head.js';

const source: StreamSource<Session> = {
  open({ session }, sink) {
    session?.set('sessionData', { n: 1 });
    sink.begin({ status: 200, headers: { 'content-type': 'text/event-stream', 'x-mine': 'source' } });
    // The commit takes a moment: Fastify must not take the reply for one that nobody answers.
    sink.onDrain(() => sink.end());
    if (sink.write('data: 1\n\n')) throw new Error('the session was committed at once');
  },
};

describe('stream(source): Fastify', () => {
  guardProcess();

  it('takes the reply over with the headers that it has, but for those of the source', async () => {
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
    expect(sent).to.equal(0);
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
