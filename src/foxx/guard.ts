import type { Request, RequestHandler } from 'express';
import type { Session } from '../session/session.js';

/** @throws TypeError for a code that refuses nothing, or a reason that is no text */
export function guard(code = 401, reason = 'Not authorized'): RequestHandler {
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw new TypeError('onlyIfAuthenticated: code must be an HTTP status from 400 to 599');
  }
  if (typeof reason !== 'string') throw new TypeError('onlyIfAuthenticated: reason must be a string');
  return (request, response, next) => {
    const session = sessionOf(request);
    if (typeof session?.uid === 'string' && !session.isEnded) next();
    else response.status(code).json({ error: true, code, errorMessage: reason });
  };
}

/** @throws TypeError where no middleware has looked for a session: nobody is to be refused, or signed out, for that */
export function sessionOf(request: Request): Session | undefined {
  if ('session' in request) return request.session;
  throw new TypeError('this route has no sessions: call controller.activateSessions({ sessionStorage, ... })');
}
