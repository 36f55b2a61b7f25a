import { Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { held } from './routes.js';
import type { ConsoleSession } from './storage.js';

/** A route that needs tokens: it shows the token. */
export function tokenRoutes(sessions: ExpressSessions<ConsoleSession>): Router {
  const router = Router();

  // For learning only. The cookie is HttpOnly, so that no injected script can steal the session. A route that returns the token
  // defeats that.
  router.get('/token', (request, response) => {
    const token = held(sessions.of(request)).forClient();
    const [header = '', payload = ''] = token.split('.');
    response.json({ token, header: decoded(header), payload: decoded(payload) });
  });

  return router;
}

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
