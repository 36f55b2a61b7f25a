import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { activateSessions, type FastifySessions } from '../../../src/adapters/fastify.js';
import type { AdapterActivation, AdapterApp, AdapterReply, AdapterSession } from '../../../src/testing/index.js';
import { foundBy } from './found-by.js';
import { answerTo, type Built, pathOf } from './ways.js';

function send(reply: FastifyReply, given: AdapterReply): FastifyReply {
  if (given.status !== undefined) reply.code(given.status);
  for (const [name, value] of Object.entries(given.headers ?? {})) reply.header(name, value);
  if ('json' in given) return reply.send(given.json);
  if ('text' in given) return reply.send(given.text);
  if ('redirect' in given) return reply.redirect(given.redirect, given.status);
  return 'stream' in given ? reply.send(given.stream) : reply.send();
}

/** The application in Fastify. Paths below a mounted activation belong to a context of their own. */
export async function fastifyApp({ activations, routes, trustProxy }: AdapterApp): Promise<Built> {
  const errors: unknown[] = [];
  const app = Fastify({ trustProxy });
  app.setErrorHandler((error, _request, reply) => {
    errors.push(error);
    const { status, code } = answerTo(error);
    reply.code(status).send({ code });
  });
  const register = (context: FastifyInstance, { only, passive, options }: AdapterActivation) => {
    context.register(activateSessions, {
      ...options,
      only: (request) => only(pathOf(request.url)),
      passive: (request) => passive(pathOf(request.url)),
    });
  };
  const answer = (context: FastifyInstance, reachable: readonly AdapterActivation[]) => {
    const of = ({ options: { property } }: AdapterActivation) => ({
      property,
      of: (request: FastifyRequest) => {
        const name = property === 'session' ? 'sessions' : `${property}Sessions`;
        return context.getDecorator<FastifySessions<AdapterSession>>(name).of(request);
      },
    });
    const found = foundBy(reachable.map(of));
    context.all('/*', async (request, reply) => {
      const given = await routes[pathOf(request.url)]?.({
        query: (name) => String(Reflect.get(Object(request.query), name)),
        session: (property = 'session') => found(request, property, Reflect.get(request, property)),
      });
      return given === undefined ? reply.callNotFound() : send(reply, given);
    });
  };
  const outer = activations.filter(({ mount }) => mount === undefined);
  for (const activation of outer) register(app, activation);
  for (const activation of activations) {
    if (activation.mount === undefined) continue;
    const below = async (context: FastifyInstance) => {
      register(context, activation);
      answer(context, [...outer, activation]);
    };
    app.register(below, { prefix: activation.mount });
  }
  app.register(async (context) => answer(context, outer));
  await app.ready();
  return { listener: (request, response) => app.routing(request, response), errors };
}
