import { createRequire } from 'node:module';
import { pipeline } from 'node:stream';
import express5, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions } from '../../src/adapters/express.js';
import { SessionError } from '../../src/index.js';
import type { TestAnswer, TestApp } from './adapter-cases.js';
import { serve } from './deferred-head.js';

type Express = typeof express5;

const express4: Express = createRequire(import.meta.url)('express4');
/** The versions of Express that are supported. */
export const expressVersions: readonly [name: string, express: Express][] = [
  ['Express 5', express5],
  ['Express 4', express4],
];

function send(response: Response, answer: TestAnswer): void {
  if (answer.status !== undefined) response.status(answer.status);
  if (answer.headers !== undefined) response.set(answer.headers);
  if ('json' in answer) response.json(answer.json);
  else if ('text' in answer) response.send(answer.text);
  else if ('redirect' in answer) response.redirect(answer.redirect);
  else pipeline(answer.stream, response, () => undefined);
}

/** Express for the cases of every adapter. */
export function expressApp(name: string, express: Express): TestApp {
  return {
    name,
    async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
      const errors: unknown[] = [];
      const app = express();
      app.set('trust proxy', trustProxy);
      const sessions = activateSessions({
        sessionStorage: source,
        property,
        ...transports,
        ...(passive && { passive: (request: Request) => passive(request.path) }),
        ...(only && { only: (request: Request) => only(request.path) }),
      });
      app.use(sessions);
      app.use((request: Request, response: Response, next: NextFunction) => {
        const route = routes[request.path];
        if (route === undefined) return next();
        const answer = route({
          query: (key) => String(request.query[key]),
          header: (key) => request.get(key),
          session: () => {
            const found: unknown = Reflect.get(request, property);
            if (found === undefined) return undefined;
            const session = sessions.of(request);
            if (session !== found) throw new Error('the session of the property is another one');
            return session;
          },
          closed: new Promise((resolve) => response.once('close', resolve)),
        });
        if (answer instanceof Promise) answer.then((settled) => send(response, settled)).catch(next);
        else send(response, answer);
      });
      app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
        errors.push(error);
        const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
        response.status(status).json({ code });
      });
      return { port: await serve(app), errors };
    },
  };
}
