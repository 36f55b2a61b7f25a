import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import sinon from 'sinon';
import { activateSessions, type FastifySessions } from '../../src/adapters/fastify.js';
import { pathOf } from '../support/adapter-apps/ways.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serveFastify } from '../support/fastify-app.js';
import { Shop, type ShopSession } from '../support/shop.js';

csrfTokenCases({
  name: 'Fastify 5',
  isAutomatic: true,
  unparsable: 400,
  async serve({ source, routes, only, exempt, options }) {
    const app = Fastify();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(body.toString())),
    );
    app.register(activateSessions, {
      sessionStorage: source,
      cookie: true,
      only: (request) => only(pathOf(request.url)),
      csrf: { ...options, token: true, exempt: (request) => exempt(pathOf(request.url)) },
    });
    const sessions = () => app.getDecorator<FastifySessions<ShopSession>>('sessions');
    app.setErrorHandler((error, request, reply) => {
      const { status, json } = refusalOf(error, () => sessions().csrfToken(request));
      reply.code(status).send(json);
    });
    app.all('/*', async (request) => {
      const { body } = request;
      return await routes[pathOf(request.url)]?.({
        session: () => sessions().of(request),
        csrfToken: () => sessions().csrfToken(request),
        user: () => (body instanceof URLSearchParams ? body.get('user') : Reflect.get(Object(body), 'user')),
      });
    });
    return await serveFastify(app);
  },
});

describe('CSRF tokens in Fastify', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

  /** An application, and a function that asks it with the cookies of a client. */
  const siteOf = (property = 'session') => {
    const app = Fastify();
    const jar: Record<string, string> = {};
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
    );
    const { sessionStorage } = new Shop();
    const options = { sessionStorage, property, cookie: true, csrf: 'token' } as const;
    const name = property === 'session' ? 'sessions' : `${property}Sessions`;
    const sessions = () => app.getDecorator<FastifySessions<ShopSession>>(name);
    const form = (within: FastifyInstance) =>
      within.get('/form', async (request) => within.getDecorator<FastifySessions>(name).csrfToken(request));
    const ask = async (url: string, payload?: string | Buffer, headers: Record<string, string> = FORM) => {
      const method = payload === undefined ? 'GET' : 'POST';
      const answer = await app.inject({
        method,
        url,
        headers,
        cookies: jar,
        ...(payload !== undefined && { payload }),
      });
      for (const { name, value } of answer.cookies) jar[name] = value;
      return answer;
    };
    return { app, options, sessions, form, ask };
  };

  it('are checked before the handler runs, and before schemas remove the field', async () => {
    const { app, options, form, ask } = siteOf();
    app.register(activateSessions, options);
    form(app);
    const handler = sinon.spy(async ({ body }: FastifyRequest) => body);
    const body = { type: 'object', properties: { user: { type: 'string' } }, additionalProperties: false };
    app.post('/', { schema: { body } }, handler);
    const token = (await ask('/form')).body;
    expect((await ask('/', 'user=u1')).statusCode).to.equal(403);
    expect(handler.callCount).to.equal(0);
    expect((await ask('/', `user=u1&_csrf=${token}`)).json()).to.deep.equal({ user: 'u1' });
  });

  it('are missing before the handler runs, also without a body, unless it parses the body itself', async () => {
    const { app, options, form, ask } = siteOf();
    app.register(activateSessions, options);
    form(app);
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    const handler = sinon.spy(async () => 'done');
    app.all('/', handler);
    const token = (await ask('/form')).body;
    const statusOf = async (payload: string, headers: Record<string, string>) =>
      (await ask('/', payload, headers)).statusCode;
    for (const [payload, headers] of [
      ['', {}],
      ['null', { 'content-type': 'application/json' }],
      ['"x"', { 'content-type': 'application/json' }],
      ['a=1', { 'content-type': 'text/plain', 'x-csrf-token': 'bad' }],
    ] as const) {
      expect(await statusOf(payload, { ...headers }), payload).to.equal(403);
    }
    expect(handler.callCount).to.equal(0);
    for (const type of ['text/plain', 'application/octet-stream'])
      expect(await statusOf('a=1', { 'content-type': type }), type).to.equal(200);
    expect(await statusOf('', { 'x-csrf-token': token })).to.equal(200);
  });

  it('are checked in the contexts that have sessions', async () => {
    const { app, options, form, ask } = siteOf();
    app.post('/outer', async () => 'outer');
    app.register(async (inner) => {
      inner.register(activateSessions, options);
      form(inner);
      inner.post('/inner', async () => 'inner');
      inner.register(async (innermost) => innermost.post('/innermost', async () => 'innermost'));
    });
    const token = (await ask('/form')).body;
    expect((await ask('/outer', 'user=u1')).body).to.equal('outer');
    for (const path of ['inner', 'innermost']) {
      expect((await ask(`/${path}`, 'user=u1')).statusCode).to.equal(403);
      expect((await ask(`/${path}`, `_csrf=${token}`)).body).to.equal(path);
    }
  });

  it('are checked by each activation', async () => {
    const { app, options, sessions, form, ask } = siteOf('account');
    app.register(activateSessions, { ...options, cookie: 'account', csrf: { token: true, cookie: 'account-csrf' } });
    form(app);
    app.post('/', async (request) => sessions().of(request).uid ?? 'nobody');
    const token = (await ask('/form')).body;
    expect((await ask('/', 'user=u1')).statusCode).to.equal(403);
    expect((await ask('/', `_csrf=${token}`)).body).to.equal('nobody');
  });

  it('are checked in bodies that other plugins set in preValidation', async () => {
    const { app, options, form, ask } = siteOf();
    app.register(activateSessions, options);
    form(app);
    app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
    app.addHook('preValidation', async (request) => {
      const { 'x-value': value } = request.headers;
      if (value !== undefined) request.body = { _csrf: { type: 'field', value } };
    });
    const handler = sinon.spy(async ({ session }: FastifyRequest) => session.uid ?? 'nobody');
    app.post('/', handler);
    const value = (await ask('/form')).body;
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await ask('/', '--x--', { ...headers, 'x-value': 'junk' })).statusCode).to.equal(403);
    expect(handler.callCount).to.equal(0);
    expect((await ask('/', '--x--', { ...headers, 'x-value': value })).body).to.equal('nobody');
    expect((await ask('/', '--x--', headers)).statusCode).to.equal(403);
    expect(handler.callCount).to.equal(2);
  });

  it('are checked by the handler in a body that it parses', async () => {
    const { app, options, sessions, form, ask } = siteOf();
    app.register(activateSessions, options);
    form(app);
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    app.post('/', async (request) => {
      const text = typeof request.body === 'string' ? request.body : String(await buffer(asStream(request.body)));
      sessions().checkCsrf(request, new URLSearchParams(text));
      return request.session.uid ?? 'nobody';
    });
    const token = (await ask('/form')).body;
    for (const type of ['application/octet-stream', 'text/plain', 'application/x-own']) {
      const headers = { 'content-type': type };
      expect((await ask('/', `_csrf=${token}`, headers)).body, type).to.equal('nobody');
      const refused = await ask('/', 'user=u1', headers);
      expect([refused.statusCode, refused.json().code], type).to.deep.equal([403, 'EBADCSRFTOKEN']);
    }
  });

  it('must be in the header for hooks that use the session before the body is parsed', async () => {
    const { app, options, form, ask } = siteOf();
    app.register(activateSessions, options);
    form(app);
    app.addHook('onRequest', async ({ session }) => void session.uid);
    app.post('/', async () => 'handled');
    const token = (await ask('/form')).body;
    expect((await ask('/', `_csrf=${token}`)).statusCode).to.equal(403);
    expect((await ask('/', 'user=u1', { ...FORM, 'x-csrf-token': token })).body).to.equal('handled');
  });

  it('are not there without the option', async () => {
    const { app, options, sessions, ask } = siteOf();
    app.register(activateSessions, { ...options, csrf: 'origin' });
    app.post('/', async (request) => {
      expect(() => sessions().csrfToken(request)).to.throw(TypeError, "set csrf: 'token'");
      expect(() => sessions().checkCsrf(request, {})).to.throw(TypeError, "set csrf: 'token'");
      return 'handled';
    });
    expect((await ask('/', 'user=u1')).body).to.equal('handled');
  });
});

function asStream(body: unknown): Readable {
  if (Buffer.isBuffer(body)) return Readable.from([body]);
  if (body instanceof Readable) return body;
  throw new Error('neither bytes nor a stream');
}
