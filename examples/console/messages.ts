import { Router } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { type LiveSessions, type LiveTarget, message } from 'sessions-jwt/live';
import { z } from 'zod';
import { placeOf } from './device.js';
import { checked, Refused } from './errors.js';
import { sessionsOf } from './overview.js';
import { line, signedIn, uidOf } from './routes.js';
import type { ConsoleSession, ServerStorage, TokenStorage } from './storage.js';

const text = line(200);

const wanted = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('tab'), lineage: z.string(), instance: z.string().regex(/^[\w-]{1,64}$/), text }),
  z.strictObject({ to: z.literal('session'), lineage: z.string(), text }),
  z.strictObject({ to: z.literal('user'), name: line(64).optional(), text }),
]);

/** `POST /messages`: sends a text to one tab, to all tabs of a session, or to all sessions of a user: without a name, to one's own. */
export function messageRoute(
  sessions: ExpressSessions<ConsoleSession>,
  { sessionStorage, live }: { readonly sessionStorage: ServerStorage | TokenStorage; readonly live: LiveSessions },
): Router {
  const router = Router();

  router.post('/messages', async (request, response) => {
    const current = sessions.of(request);
    const uid = signedIn(current);
    const order = checked(wanted, request.body);
    const target =
      order.to === 'user'
        ? { uid: order.name === undefined ? uid : uidOf(order.name) }
        : await ownTarget(order, current, sessionStorage);
    const sender = { name: current.userData.name, place: placeOf(request, current) };
    const data = { to: order.to, text: order.text, from: sender, at: sessionStorage.clock.now() };
    await live.send(target, message('note', data));
    response.status(204).end();
  });

  return router;
}

/** Only the user's own sessions can be named. @throws Refused (404) */
async function ownTarget(
  order: { readonly lineage: string; readonly instance?: string },
  current: ConsoleSession,
  sessionStorage: ServerStorage | TokenStorage,
): Promise<LiveTarget> {
  const own = (await sessionsOf(sessionStorage, current)).find(({ lineage }) => lineage === order.lineage);
  if (own === undefined) throw new Refused(404, 'you have no such session: it may have ended already');
  const { id, lineage } = own;
  return order.instance === undefined ? { id, lineage } : { id, lineage, instance: order.instance };
}
