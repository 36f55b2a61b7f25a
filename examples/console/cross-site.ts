import { type NextFunction, type Request, type Response, Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import type { ConsoleSession } from './storage.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request only reads: such requests need no token. */
export function isRead({ method }: Request): boolean {
  return READS.includes(method);
}

/** `GET /csrf-token`: a token that fits the client's session, or the cookie that it also sets if there is no session. */
export function tokenRoute(sessions: ExpressSessions<ConsoleSession>): Router {
  const router = Router();
  // Plain text, which a shell can put into a variable. Another site can send this request, but cannot read the response.
  router.get('/csrf-token', (request, response) => {
    response.type('text').send(sessions.csrfToken(request));
  });
  return router;
}

/** For the page, which cannot see the headers that the browser adds: which of them says where a request came from. */
export function reportOrigin(request: Request, response: Response, next: NextFunction): void {
  if (!isRead(request)) {
    const name = ['Sec-Fetch-Site', 'Origin'].find((one) => request.get(one) !== undefined);
    response.set('X-Console-Origin', name === undefined ? 'none' : `${name}: ${request.get(name)}`);
  }
  next();
}
