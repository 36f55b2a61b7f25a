import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, createServer, type Http2Server } from 'node:http2';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { activate } from '../../../src/http/activation.js';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import { NodeExchange } from '../../../src/http/node/exchange.js';
import { StoreUnavailable } from '../../../src/index.js';
import { guardProcess, promised } from '../../support/deferred-head.js';
import { Shop, type ShopSession, type SourceMode, sourceModes } from '../../support/shop.js';

type Res = import('node:http2').Http2ServerResponse;

/** What a route does to its session, and how it answers. */
const routes: Readonly<Record<string, (session: ShopSession, response: Res) => void>> = {
  '/sign-in': (session, response) => {
    session.setUser('u1');
    response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': 'mine=1' });
    response.end('in');
  },
  '/who': (session, response) => {
    response.end(String(session.uid));
  },
  '/stream': (session, response) => {
    session.setUser('u2');
    response.write('one ');
    response.write('two ');
    response.end('three');
  },
  '/flush': (session, response) => {
    session.setUser('u3');
    Reflect.apply(Reflect.get(response, 'flushHeaders'), response, []);
    response.end('flushed');
  },
  '/late': (session, response) => {
    response.end();
    response.stream.once('close', () => {
      setImmediate(() => {
        session.sessionData.count = 2;
      });
    });
  },
  '/sign-out': (session, response) => {
    session.revoke();
    response.statusCode = 204;
    response.end();
  },
};

/** Serves the routes over HTTP/2 without TLS. */
async function serving(mode: SourceMode): Promise<{ shop: Shop; server: Http2Server; port: number }> {
  const shop = new Shop({ mode, held: true });
  const activation = activate({ sessionStorage: shop.sessionStorage, cookie: true });
  const server = createServer(async (request, response) => {
    const exchange: NodeExchange = Reflect.construct(NodeExchange, [request, response]);
    const fail = (error: unknown) => {
      response.statusCode = Number(Reflect.get(Object(error), 'status'));
      response.end();
    };
    const visit = await activation.open(request, exchange);
    Reflect.apply(deferHead, undefined, [response, { commit: () => activation.commit(exchange, visit), fail }]);
    if (visit.session !== undefined) routes[request.url]?.(visit.session, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { shop, server, port: Number(Reflect.get(Object(server.address()), 'port')) };
}

for (const mode of sourceModes) {
  describe(`a session over HTTP/2, from a ${mode} source`, () => {
    guardProcess();

    let shop: Shop;
    let server: Http2Server;
    let client: ClientHttp2Session;

    beforeEach(async () => {
      const served = await serving(mode);
      ({ shop, server } = served);
      client = connect(`http://127.0.0.1:${served.port}`);
    });

    afterEach(async () => {
      client.destroy();
      server.close();
      await once(server, 'close');
    });

    const ask = async (path: string, cookie = '', method = 'GET') => {
      const stream = client.request({ ':path': path, ':method': method, cookie });
      stream.end();
      const [headers] = await once(stream, 'response');
      const cookies: string[] = headers['set-cookie'] ?? [];
      const sid = cookies.map((line) => /^sid=([^;]*)/.exec(line)?.[1]).find((value) => value !== undefined);
      return { status: headers[':status'], cookies, sid, body: await text(stream) };
    };

    it('is sent beside what the application sends, and found again', async () => {
      const { status, cookies, sid, body } = await ask('/sign-in');
      expect([status, body, cookies.length]).to.deep.equal([201, 'in', 2]);
      expect((await ask('/who', `a=1; sid=${sid}; b=2`)).body).to.equal('u1');
    });

    it('is sent with the head of a stream, and when the head is flushed', async () => {
      const streamed = await ask('/stream');
      expect([streamed.body, (await ask('/who', `sid=${streamed.sid}`)).body]).to.deep.equal(['one two three', 'u2']);
      const flushed = await ask('/flush');
      expect([flushed.body, (await ask('/who', `sid=${flushed.sid}`)).body]).to.deep.equal(['flushed', 'u3']);
    });

    it('is sent for HEAD', async () => {
      const { status, sid, body } = await ask('/sign-in', '', 'HEAD');
      expect([status, body]).to.deep.equal([201, '']);
      expect(sid).to.be.a('string');
    });

    it('is cleared by a sign-out', async () => {
      const { sid } = await ask('/sign-in');
      const { status, sid: cleared } = await ask('/sign-out', `sid=${sid}`);
      expect([status, cleared]).to.deep.equal([204, '']);
      expect((await ask('/who', `sid=${sid}`)).body).to.equal('undefined');
    });

    it('is not sent when it could not be committed, which is a 503', async () => {
      shop.source.fail = { commit: new StoreUnavailable('down') };
      const { status, sid, body } = await ask('/sign-in');
      expect([status, sid, body]).to.deep.equal([503, undefined, '']);
    });

    it('saves, or reports as lost, what is changed after the response is over', async () => {
      const sid = await shop.issue({ count: 1 }, 'u1');
      const settled = promised();
      shop.storage.events.on('lost-write', () => settled.resolve());
      shop.storage.events.on('saved', () => settled.resolve());
      await ask('/late', `sid=${sid}`);
      await settled.promise;
      expect((await shop.storage.get(sid)).sessionData.count).to.equal(mode === 'server-side' ? 2 : 1);
    });

    it('is committed for a client that is gone', async () => {
      const [gone, created] = [promised(), promised()];
      shop.source.hold = () => gone.promise;
      shop.storage.events.on('created', () => created.resolve());
      const stream = client.request({ ':path': '/sign-in' });
      stream.on('error', () => undefined);
      stream.end();
      await once(server, 'request');
      stream.close(constants.NGHTTP2_CANCEL);
      await once(stream, 'close');
      gone.resolve();
      await created.promise;
    });
  });
}
