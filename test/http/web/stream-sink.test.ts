import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { activateSessions, stream } from '../../../src/adapters/fetch.js';
import { WebSink } from '../../../src/http/web/stream-sink.js';
import { MemoryStore, ServerSessionStorage } from '../../../src/index.js';
import type { Sink } from '../../../src/ports/stream.js';
import { FaultyStore } from '../../../src/testing/index.js';
import { askInVain, guardProcess, nextTurn, promised, serve, unexpected } from '../../support/deferred-head.js';

/** A sink for a request without Node behind it, the responses that it began, and the errors that it gave away. */
function opened(signal?: AbortSignal) {
  const responses: Response[] = [];
  const errors: unknown[] = [];
  const request = new Request('http://127.0.0.1/', signal === undefined ? {} : { signal });
  const sink = new WebSink(request, undefined, {
    begun: (response) => responses.push(response),
    failed: (error) => errors.push(error),
  });
  return { sink, responses, errors };
}

function bodyOf(responses: readonly Response[]): ReadableStream<Uint8Array> {
  const body = responses[0]?.body;
  if (!body) throw new Error('there is no body');
  return body;
}

describe('WebSink, on top of a server of Node', () => {
  guardProcess();

  it('is cut some time after its end if the client does not read the rest', async () => {
    const time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [ended, closed] = [promised(), promised()];
      const port = await serve((incoming, outgoing) => {
        const hooks = { begun: () => undefined, failed: unexpected };
        const sink = new WebSink(new Request('http://127.0.0.1/'), { incoming, outgoing }, hooks);
        sink.onClose(closed.resolve);
        sink.write('data: 1\n\n');
        sink.end();
        ended.resolve();
      });
      const failure = askInVain(port);
      await ended.promise;
      time.tick(10_000);
      await Promise.all([failure, closed.promise]);
    } finally {
      time.restore();
    }
  });
});

describe('WebSink, without a server of Node', () => {
  it('begins with the first write, and ends after what was written', async () => {
    const { sink, responses } = opened();
    expect(sink.write('data: é\n\n')).to.equal(true);
    sink.write(Buffer.from('data: 2\n\n'));
    sink.end();
    expect(sink.write('data: 3\n\n')).to.equal(false);
    expect(responses).to.have.length(1);
    expect(responses[0]?.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
    expect(await text(bodyOf(responses))).to.equal('data: é\n\ndata: 2\n\n');
  });

  it('leaves bytes as they are, so that many sinks can send them', async () => {
    const shared = new Uint8Array([100, 10]);
    const all = [opened(), opened()];
    for (const { sink } of all) {
      sink.write(shared);
      sink.end();
    }
    for (const { responses } of all) expect(await text(bodyOf(responses))).to.equal('d\n');
    expect(shared).to.have.lengthOf(2);
  });

  it('is full at 64 KiB, and drained once all was read', async () => {
    const { sink, responses } = opened();
    let drains = 0;
    sink.onDrain(() => {
      drains += 1;
    });
    expect(sink.write(new Uint8Array(65_535))).to.equal(true);
    expect(sink.write(new Uint8Array(1))).to.equal(false);
    const reader = bodyOf(responses).getReader();
    await reader.read();
    await nextTurn();
    expect(drains).to.equal(0);
    await reader.read();
    await nextTurn();
    expect(drains).to.equal(1);
    expect(sink.write('more')).to.equal(true);
  });

  it('tells the source when the body is canceled', async () => {
    const { sink, responses } = opened();
    sink.write('data: 1\n\n');
    let closed = 0;
    sink.onClose(() => {
      closed += 1;
    });
    await bodyOf(responses).cancel();
    expect(closed).to.equal(1);
    expect(sink.write('data: 2\n\n')).to.equal(false);
    sink.end();
    sink.cut();
    await nextTurn();
    expect(closed).to.equal(1);
  });

  it('tells the source when the request is aborted, before or after it began', async () => {
    for (const isBegun of [true, false]) {
      const abort = new AbortController();
      const { sink } = opened(abort.signal);
      if (isBegun) sink.write('data: 1\n\n');
      const closed = promised();
      sink.onClose(closed.resolve);
      abort.abort();
      await closed.promise;
      expect(sink.write('data: 2\n\n')).to.equal(false);
    }
  });

  it('tells the source when the request was aborted before, while its session was opened', async () => {
    const { sink, responses } = opened(AbortSignal.abort());
    const closed = promised();
    sink.onClose(closed.resolve);
    sink.write('data: 1\n\n');
    await closed.promise;
    expect(sink.write('data: 2\n\n')).to.equal(false);
    expect(responses).to.have.length(1);
  });

  it('tells the source that it has ended', async () => {
    const { sink } = opened();
    sink.write('data: 1\n\n');
    const closed = promised();
    sink.onClose(closed.resolve);
    sink.end();
    await closed.promise;
    const late = promised();
    sink.onClose(late.resolve);
    await late.promise;
  });

  it('cuts the body, without what waits in it', async () => {
    const { sink, responses } = opened();
    sink.write('data: 1\n\n');
    sink.cut();
    const read = await text(bodyOf(responses)).catch((error: unknown) => Reflect.get(Object(error), 'name'));
    expect(read).to.equal('AbortError');
  });

  it('answers without a body where there can be none', () => {
    for (const status of [204, 205, 304]) {
      const { sink, responses } = opened();
      sink.begin({ status, headers: { 'x-list': ['a', 'b'] } });
      expect(responses.map((one) => [one.status, one.body, one.headers.get('x-list')])).to.deep.equal([
        [status, null, 'a, b'],
      ]);
      expect(sink.write('data: 1\n\n')).to.equal(false);
    }
  });

  it('gives a head that is none to the framework', () => {
    const { sink, responses, errors } = opened();
    sink.begin({ status: 200, headers: { 'x bad': 'a' } });
    expect(responses).to.have.length(0);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(TypeError);
    expect(sink.write('data: 1\n\n')).to.equal(false);
  });
});

describe('stream(source) of sessions-jwt/fetch, without a server of Node', () => {
  it('tells the source if its session cannot be committed', async () => {
    const store = new FaultyStore(new MemoryStore());
    const sinks: Sink[] = [];
    const closed = promised();
    const sessions = activateSessions({ sessionStorage: new ServerSessionStorage({ store }), cookie: true });
    const answer = sessions(
      stream({
        open({ session }, sink) {
          session?.set('sessionData', { n: 1 });
          store.disconnect();
          sink.onClose(closed.resolve);
          sink.write('data: secret\n\n');
          sinks.push(sink);
        },
      }),
    );
    const response = await answer(new Request('http://127.0.0.1/'));
    expect(response.status).to.equal(503);
    expect(await response.text()).not.to.contain('secret');
    await closed.promise;
    expect(sinks[0]?.write('data: secret\n\n')).to.equal(false);
  });
});
