import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { activateSessions, type FastifySessions } from '../../src/adapters/fastify.js';
import { SessionError } from '../../src/index.js';
import type { TestAnswer, TestApp } from './adapter-cases.js';
import { serve } from './deferred-head.js';
import type { ShopSession } from './shop.js';

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
        session: () => sessionOf(request),
        closed: new Promise((resolve) => reply.raw.once('close', resolve)),
      });
      return answer === undefined ? reply.callNotFound() : send(reply, answer);
    });
    return { port: await serveFastify(app), errors };
  },
};
