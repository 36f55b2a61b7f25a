import { Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { z } from 'zod';
import { clientOf, placeOf } from './device.js';
import { checked, Refused } from './errors.js';
import type { ConsoleSession, ServerStorage, TokenStorage } from './storage.js';

/** One line of text that is not blank. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'must be plain text');

const credentials = z.strictObject({
  name: line(64),
  /** What the user calls this device. */
  device: line(40).optional(),
  /** Whether the cookie stays when the browser closes. */
  remember: z.boolean().optional(),
});

/** Any JSON. The session itself limits how deep it may nest. */
const someData = z.record(z.string(), z.unknown());

/** Routes for both kinds of sessions. `sessions.of(request)` returns the request's session with the types of its storage. */
export function createRoutes(
  sessions: ExpressSessions<ConsoleSession>,
  sessionStorage: ServerStorage | TokenStorage,
): Router {
  const router = Router();

  router.get('/session', (request, response) => {
    const session = sessions.of(request);
    response.json({ session: session.isNew ? null : view(session) });
  });

  // This demonstration accepts any name. An application verifies a password or a passkey before it calls `setUser`.
  router.post('/sign-in', async (request, response) => {
    const { name, device, remember } = checked(credentials, request.body);
    const uid = uidOf(name);
    const session = sessions.of(request);
    const isAgain = session.uid === uid;
    // Data of an anonymous visitor is kept when they sign in. Data of one user must not reach another.
    const isOther = session.uid !== undefined && !isAgain;
    session.setUser(uid, { name }, isOther ? { keep: ['language'] } : {});
    if (!isAgain || remember !== undefined) session.setLifetime({ persistent: remember ?? false });
    // Kept when the same user signs in again without naming the device.
    const named = device ?? (isAgain ? session.info['device'] : undefined);
    session.info = { client: clientOf(request.get('User-Agent')), ...(named === undefined ? {} : { device: named }) };
    response.json({ session: view(await session.save()) });
  });

  router.put('/data', async (request, response) => {
    const wanted = Object.getOwnPropertyDescriptors(checked(someData, request.body));
    // `update` runs on the newest data, so concurrent changes are kept. The schema checks the result here, or with tokens, when
    // the token is issued before the response is sent; then the response is a 400.
    const session = await sessions.of(request).update((data) => {
      Object.defineProperties(data, wanted);
    });
    response.json({ session: view(session) });
  });

  router.delete('/data/:key', async (request, response) => {
    await held(sessions.of(request)).update((data) => {
      Reflect.deleteProperty(data, request.params.key);
    });
    response.status(204).end();
  });

  router.post('/rotate', (request, response) => {
    response.json({ session: view(held(sessions.of(request)).rotate()) });
  });

  router.post('/sign-out', (request, response) => {
    const session = sessions.of(request);
    session.revoke(`signed out from ${placeOf(request, session)}`);
    response.status(204).end();
  });

  router.post('/sign-out-others', async (request, response) => {
    const session = sessions.of(request);
    const { ended } = await sessionStorage.revoke(
      { uid: signedIn(session), except: session },
      { reason: `all other sessions were ended from ${placeOf(request, session)}` },
    );
    // The number is unknown with tokens.
    response.json({ ended: ended ?? null });
  });

  router.post('/sign-out-everywhere', async (request, response) => {
    const session = sessions.of(request);
    const reason = `all sessions were ended from ${placeOf(request, session)}`;
    await sessionStorage.revoke({ uid: signedIn(session) }, { reason });
    // This session has ended with the others. Revoking it also clears its cookie.
    session.revoke(reason);
    response.status(204).end();
  });

  return router;
}

/** The uid of a name: what differs only in case is the same user. */
export function uidOf(name: string): string {
  return name.normalize().toLowerCase();
}

/** The session, if the client has one. @throws Refused (401) */
export function held(session: ConsoleSession): ConsoleSession {
  if (session.isNew) throw new Refused(401, 'there is no session yet: sign in, or save some data');
  return session;
}

/** The uid of the signed-in user. @throws Refused (401) */
export function signedIn({ uid }: ConsoleSession): string {
  if (uid === undefined) throw new Refused(401, 'nobody is signed in');
  return uid;
}

/** The session as JSON, for the page. */
function view(session: ConsoleSession) {
  const { id, lineage, uid = null, userData, sessionData, info } = session;
  const { created, lastAccess, lastUpdate, authenticatedAt = null } = session;
  const times = { created, lastAccess, lastUpdate, authenticatedAt };
  const end = { expires: session.getExpiry(), timeLeft: session.getTTL() };
  return { id, lineage, uid, userData, sessionData, info, ...times, ...end };
}
