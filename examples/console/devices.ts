import { Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { placeOf } from './device.js';
import { Refused } from './errors.js';
import { signedIn } from './routes.js';
import type { ConsoleSession, ServerStorage } from './storage.js';

/** Routes that need a store: list the user's sessions, and end one of them from another. */
export function deviceRoutes(sessions: ExpressSessions<ConsoleSession>, sessionStorage: ServerStorage): Router {
  const router = Router();

  router.get('/sessions', async (request, response) => {
    const current = sessions.of(request);
    response.json({ sessions: await sessionStorage.listOfUser(signedIn(current), { current }) });
  });

  router.delete('/sessions/:id', async (request, response) => {
    const current = sessions.of(request);
    const uid = signedIn(current);
    const { id } = request.params;
    // The pages of that session show it to their user.
    const reason = `ended from ${placeOf(request, current)}`;
    // With the uid, only a session of this user ends, whatever id was sent.
    const { ended } = await sessionStorage.revoke({ id, uid }, { reason });
    if (ended === 0) throw new Refused(404, 'you have no such session: it may have ended already');
    // Revoking the request's own session also clears its cookie.
    if (id === current.id) current.revoke(reason);
    response.status(204).end();
  });

  return router;
}
