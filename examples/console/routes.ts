import { type Request, Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { z } from 'zod';
import { checked, Refused } from './errors.js';
import type { ConsoleSession, ConsoleStorage } from './storage.js';

const credentials = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), 'must be plain text'),
  /** Whether the cookie outlives the browser. */
  remember: z.boolean().optional(),
});

/** JSON, as it came in a body of JSON; how deep it may go is for the session to judge. */
const someData = z.record(z.string(), z.unknown());

/** The API. `sessions.of(request)` is the request's session with the types of its storage. */
export function createRoutes(sessions: ExpressSessions<ConsoleSession>, sessionStorage: ConsoleStorage): Router {
  const router = Router();

  router.get('/session', (request, response) => {
    const session = sessions.of(request);
    response.json({ session: session.isNew ? null : view(session) });
  });

  // A demonstration: whoever says a name has it. An application checks a password or a passkey before `setUser`.
  router.post('/sign-in', (request, response) => {
    const { name, remember } = checked(credentials, request.body);
    const uid = name.normalize().toLowerCase();
    const session = sessions.of(request);
    const isAgain = session.uid === uid;
    // What an anonymous visitor put in stays, but what one user did is none of the next one's business.
    const isOther = session.uid !== undefined && !isAgain;
    session.setUser(uid, { name }, isOther ? { keep: ['language'] } : {});
    if (!isAgain || remember !== undefined) session.setLifetime({ persistent: remember ?? false });
    session.info = { client: /curl|Firefox|Chrome|Safari/.exec(request.get('User-Agent') ?? '')?.[0] ?? 'unknown' };
    response.json({ session: view(session.save()) });
  });

  router.put('/data', (request, response) => {
    const session = sessions.of(request);
    session.sessionData = { ...session.sessionData, ...checked(someData, request.body) };
    // The schema judges it when the session is committed, right before the answer goes out: then a 400 goes instead.
    response.json({ session: view(session.save()) });
  });

  router.delete('/data/:key', (request, response) => {
    const session = held(request);
    Reflect.deleteProperty(session.sessionData, request.params.key);
    session.save();
    response.status(204).end();
  });

  router.post('/rotate', (request, response) => {
    response.json({ session: view(held(request).rotate()) });
  });

  router.post('/sign-out', (request, response) => {
    sessions.of(request).revoke('signed out');
    response.status(204).end();
  });

  router.post('/sign-out-everywhere', async (request, response) => {
    const session = sessions.of(request);
    const { uid } = session;
    if (uid === undefined) throw new Refused(401, 'nobody is signed in');
    await sessionStorage.revoke({ uid }, { reason: 'signed out everywhere' });
    // This one is over with the others; revoking it by name has its cookie cleared too.
    session.revoke('signed out everywhere');
    response.status(204).end();
  });

  // For learning only. The cookie is HttpOnly so that no script, and so no script that somebody smuggled in, can take the
  // session away; an application that hands the token out again here throws that away.
  router.get('/token', (request, response) => {
    const token = held(request).forClient();
    const [header = '', payload = ''] = token.split('.');
    response.json({ token, header: decoded(header), payload: decoded(payload) });
  });

  function held(request: Request): ConsoleSession {
    const session = sessions.of(request);
    if (session.isNew) throw new Refused(401, 'there is no session yet: sign in, or put data in it');
    return session;
  }

  return router;
}

/** All that the session says of itself. */
function view(session: ConsoleSession) {
  const { id, lineage, uid = null, userData, sessionData, info } = session;
  const { created, lastAccess, lastUpdate, authenticatedAt = null } = session;
  const times = { created, lastAccess, lastUpdate, authenticatedAt };
  const end = { expires: session.getExpiry(), timeLeft: session.getTTL() };
  return { id, lineage, uid, userData, sessionData, info, ...times, ...end };
}

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
