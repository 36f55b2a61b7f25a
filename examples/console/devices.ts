import { Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { Refused } from './errors.js';
import { signedIn } from './routes.js';
import type { ConsoleSession, ServerStorage } from './storage.js';

/** What takes a store: a list of the user's sessions, and ending one of them from another. */
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
    // Its id names it, and its uid holds nobody else's: whoever guesses ids ends nothing.
    const { ended } = await sessionStorage.revoke({ id, uid }, { reason: 'ended from the list' });
    if (ended === 0) throw new Refused(404, 'you have no such session: perhaps it is over by now');
    // What ends itself loses its cookie too.
    if (id === current.id) current.revoke('ended from the list');
    response.status(204).end();
  });

  return router;
}
