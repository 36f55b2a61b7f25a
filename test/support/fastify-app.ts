import { expect } from 'chai';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  type InjectOptions,
} from 'fastify';
import { activateSessions, type FastifySessions } from '../../src/adapters/fastify.js';
import { SessionError } from '../../src/index.js';
import { cookiesOf, type TestAnswer, type TestApp } from './adapter-cases.js';
import { type Answer, type Ask, ask, serve } from './deferred-head.js';
import { Shop, type ShopSession, type ShopStorage, type SourceMode } from './shop.js';

/** Serves an application of Fastify as other servers of tests are, so that they are closed alike. */
export async function serveFastify(app: FastifyInstance): Promise<number> {
  await app.ready();
  return await serve((request, response) => app.routing(request, response));
}

/** The path of a request, without its query. */
export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

function send(reply: FastifyReply, answer: TestAnswer): FastifyReply {
  if (answer.status !== undefined) reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if ('json' in answer) return reply.send(answer.json);
  if ('text' in answer) return reply.send(answer.text);
  if ('redirect' in answer) return reply.redirect(answer.redirect);
  return reply.send(answer.stream);
}

/** Fastify for the cases of every adapter. */
export const fastifyApp: TestApp = {
  name: 'Fastify 5',
  async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
    const errors: unknown[] = [];
    const app = Fastify({ trustProxy });
    app.register(activateSessions, {
      sessionStorage: source,
      property,
      ...transports,
      ...(passive && { passive: (request) => passive(pathOf(request)) }),
      ...(only && { only: (request) => only(pathOf(request)) }),
    });
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error);
      const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
      reply.code(status).send({ code });
    });
    const name = property === 'session' ? 'sessions' : `${property}Sessions`;
    const sessionOf = (request: FastifyRequest): ShopSession | undefined => {
      const found = request.getDecorator<ShopSession | null | undefined>(property) ?? undefined;
      if (found === undefined) return undefined;
      const session = app.getDecorator<FastifySessions<ShopSession>>(name).of(request);
      if (session !== found) throw new Error('the session of the property is another one');
      return session;
    };
    app.all('/*', async (request, reply) => {
      const { query } = request;
      const answer = await routes[pathOf(request)]?.({
        query: (name) => String(Reflect.get(Object(query), name)),
        header: (name) => request.headers[name]?.toString(),
        session: () => sessionOf(request),
        closed: new Promise((resolve) => reply.raw.once('close', resolve)),
      });
      return answer === undefined ? reply.callNotFound() : send(reply, answer);
    });
    return { port: await serveFastify(app), errors };
  },
};

/** How a test asks: over a socket, or in-process. */
export type Way = 'socket' | 'inject';
export const ways: readonly Way[] = ['socket', 'inject'];

/** What a test says of its application. The rest goes to `activateSessions`. */
export interface FastifyWorld {
  readonly mode: SourceMode;
  /** Whether the source can be held up and made to fail; always so when it is asynchronous. */
  readonly held?: boolean;
  readonly way?: Way;
  readonly server?: FastifyServerOptions;
  readonly header?: boolean;
  readonly cookie?: string;
  readonly create?: 'lazy' | 'eager' | 'never';
}

/** An application of Fastify with sessions in its outermost context, to which a test adds routes before it asks. */
export class FastifyShop {
  readonly shop: Shop;
  readonly app: FastifyInstance;
  readonly #way: Way;
  #port: Promise<number> | undefined;

  constructor({ mode, held = false, way = 'socket', server = {}, ...options }: FastifyWorld) {
    this.shop = new Shop({ mode, held });
    this.#way = way;
    this.app = Fastify(server);
    this.app.register(activateSessions, { sessionStorage: this.shop.sessionStorage, cookie: true, ...options });
  }

  get storage(): ShopStorage {
    return this.shop.storage;
  }

  async ask(path = '/', { method = 'GET', headers = {} }: Omit<Ask, 'path'> = {}): Promise<Answer> {
    if (this.#way === 'inject') return await injectInto(this.app, { method: methodOf(method), url: path, headers });
    this.#port ??= serveFastify(this.app);
    return await ask(await this.#port, { path, method, headers });
  }

  /** The headers of a client whose session has `count` 1 and the user u1. */
  async visitor(): Promise<Record<string, string>> {
    return { cookie: `sid=${await this.shop.issue({ count: 1 }, 'u1')}` };
  }

  /** That an answer carries one sid, of a session into which u2 signed in. */
  async expectSignedIn(answer: Answer): Promise<void> {
    await expectSid(this.storage, cookiesOf(answer), 'u2');
  }
}

/** That there is one sid, of a session of this user. */
export async function expectSid(storage: ShopStorage, [sid, ...others]: string[], uid: string): Promise<void> {
  expect(others).to.deep.equal([]);
  expect((await storage.get(sid)).uid).to.equal(uid);
}

/** Asks in-process, and gives what a client over a socket would get. */
export async function injectInto(app: FastifyInstance, asked: InjectOptions): Promise<Answer> {
  const { statusCode, statusMessage, headers, rawPayload } = await app.inject(asked);
  const lines = [headers['set-cookie'] ?? []].flat();
  return {
    status: statusCode,
    message: statusMessage,
    headers: Object.assign(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])), {
      'set-cookie': lines.length === 0 ? undefined : lines,
    }),
    body: rawPayload,
    text: rawPayload.toString(),
  };
}

function methodOf(method: string): 'GET' | 'POST' | 'HEAD' {
  if (method === 'GET' || method === 'POST' || method === 'HEAD') return method;
  throw new Error(`no test asks in-process with ${method}`);
}
