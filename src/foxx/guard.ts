import type { Request, RequestHandler } from 'express';
import { SessionEnded } from '../errors.js';
import type { Session } from '../session/token-session.js';

/** @throws TypeError for a code that is not an error status, or a reason that is not a string */
export function guard(code = 401, reason = 'Not authorized'): RequestHandler {
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw new TypeError('onlyIfAuthenticated(code, reason): code must be an HTTP status from 400 to 599');
  }
  if (typeof reason !== 'string') throw new TypeError('onlyIfAuthenticated(code, reason): reason must be a string');
  return (request, response, next) => {
    isAuthenticated(sessionOf(request)).then((isGranted) => {
      if (isGranted) next();
      else response.status(code).json({ error: true, code, errorMessage: reason });
    }, next);
  };
}

/** The session may have ended since it was opened, while the body of the request arrived. */
async function isAuthenticated(session: Session | undefined): Promise<boolean> {
  if (typeof session?.uid !== 'string') return false;
  try {
    await session.confirm();
    return true;
  } catch (error) {
    if (error instanceof SessionEnded) return false;
    throw error;
  }
}

/** @throws TypeError without `activateSessions`: otherwise the mistake would look like a client that is not signed in */
export function sessionOf(request: Request): Session | undefined {
  if ('session' in request) return request.session;
  throw new TypeError(
    'request.session: the controller of this route has no sessions; call controller.activateSessions({ sessionStorage, cookie: true })',
  );
}
