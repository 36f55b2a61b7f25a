import { pipeline } from 'node:stream';
import type express5 from 'express';
import type { NextFunction, Request, Response } from 'express';
import { activateSessions } from '../../../src/adapters/express.js';
import type { AdapterActivation, AdapterApp, AdapterReply } from '../../../src/testing/index.js';
import { foundBy } from './found-by.js';
import { answerTo, type Built, pathOf } from './ways.js';

type Express = typeof express5;

function send(response: Response, reply: AdapterReply): void {
  if (reply.status !== undefined) response.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers ?? {}))
    response.set(name, typeof value === 'string' ? value : [...value]);
  if ('json' in reply) response.json(reply.json);
  else if ('text' in reply) response.send(reply.text);
  else if ('redirect' in reply) response.redirect(reply.redirect);
  else if ('stream' in reply) pipeline(reply.stream, response, () => undefined);
  else response.end();
}

/** The application in Express. */
export function expressApp(express: Express, { activations, routes, trustProxy }: AdapterApp): Built {
  const errors: unknown[] = [];
  const app = express();
  app.set('trust proxy', trustProxy);
  const install = (activation: AdapterActivation) => {
    const { only, passive, options, mount } = activation;
    const sessions = activateSessions({
      ...options,
      only: (request: Request) => only(pathOf(request.originalUrl)),
      passive: (request: Request) => passive(pathOf(request.originalUrl)),
    });
    const handler = mount === undefined ? sessions : express().use(sessions);
    app.use(mount ?? '/', handler);
    return { property: options.property, of: sessions.of };
  };
  const found = foundBy(activations.map(install));
  app.use((request: Request, response: Response, next: NextFunction) => {
    const route = routes[request.path];
    if (route === undefined) return next();
    const reply = route({
      query: (name) => String(request.query[name]),
      session: (property = 'session') => found(request, property, Reflect.get(request, property)),
    });
    if (reply instanceof Promise) reply.then((settled) => send(response, settled)).catch(next);
    else send(response, reply);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    errors.push(error);
    const { status, code } = answerTo(error);
    response.status(status).json({ code });
  });
  return { listener: app, errors };
}
