import { createRequire } from 'node:module';
import express5, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions } from '../../src/adapters/express.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { serve } from '../support/deferred-head.js';

type Express = typeof express5;

const express4: Express = createRequire(import.meta.url)('express4');

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4],
] as const) {
  csrfTokenCases({
    name,
    unparsable: 400,
    async serve({ source, routes, only, exempt, options, isChecked }) {
      const app = express();
      const sessions = activateSessions({
        sessionStorage: source,
        cookie: true,
        only: (req) => only(req.path),
        csrf: { ...options, token: true, exempt: (req) => exempt(req.path) },
      });
      app.use(sessions, express.urlencoded({ extended: true }), express.json());
      if (isChecked) app.use(sessions.checkCsrf);
      app.use((req, res, next) => {
        const answer = async () => {
          const call = {
            session: () => sessions.of(req),
            csrfToken: () => sessions.csrfToken(req),
            user: () => Reflect.get(Object(req.body), 'user'),
          };
          res.json(await routes[req.path]?.(call));
        };
        answer().catch(next);
      });
      app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
        const { status, json } = refusalOf(error, () => sessions.csrfToken(req));
        res.status(status).json(json);
      });
      return await serve(app);
    },
  });
}
