import { Router } from 'express';
import { ServerSessionStorage } from 'sessions-jwt';
import type { ExpressSessions } from 'sessions-jwt/express';
import type { LiveSessions } from 'sessions-jwt/live';
import { type ActivityLog, STEP } from './activity-log.js';
import { deviceName, tabName } from './device.js';
import { signedIn } from './routes.js';
import type { ConsoleSession, ServerStorage, TokenStorage } from './storage.js';

/** What a page shows of one session. Times are ms timestamps. */
interface Listed {
  readonly id: string;
  readonly lineage: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly created: number;
  readonly lastAccess: number;
  readonly expires: number;
  readonly isCurrent: boolean;
}

/** `GET /overview`: the sessions of the user with their tabs, and how active the user was. */
export function overviewRoute(
  sessions: ExpressSessions<ConsoleSession>,
  {
    sessionStorage,
    live,
    activity,
  }: {
    readonly sessionStorage: ServerStorage | TokenStorage;
    readonly live: LiveSessions;
    readonly activity: ActivityLog;
  },
): Router {
  const router = Router();

  router.get('/overview', async (request, response) => {
    const current = sessions.of(request);
    const uid = signedIn(current);
    const now = sessionStorage.clock.now();
    const listed = await sessionsOf(sessionStorage, current);
    response.json({
      now,
      sessions: await Promise.all(listed.map((session) => withTabs(session, live))),
      activity: { step: STEP, bars: activity.barsOf(uid, now) },
    });
  });

  return router;
}

/** All sessions of the user; with tokens only the request's own, because nobody keeps a list of tokens. */
export async function sessionsOf(
  sessionStorage: ServerStorage | TokenStorage,
  current: ConsoleSession,
): Promise<readonly Listed[]> {
  if (sessionStorage instanceof ServerSessionStorage) {
    return await sessionStorage.listOfUser(signedIn(current), { current });
  }
  const { id, lineage, info, created, lastAccess } = current;
  return [{ id, lineage, info, created, lastAccess, expires: current.getExpiry(), isCurrent: true }];
}

async function withTabs({ id, lineage, info, created, lastAccess, expires, isCurrent }: Listed, live: LiveSessions) {
  const tabs = await live.tabs({ id, lineage });
  return {
    ...{ id, lineage, created, expires, isCurrent },
    // How long it lasts without activity.
    lifetime: expires - lastAccess,
    name: deviceName(info),
    client: info['client'],
    lastActivity: Math.max(lastAccess, ...tabs.map((tab) => tab.lastActivity)),
    tabs: tabs
      .filter(({ isOpen }) => isOpen)
      .map(({ instance, lastActivity, isVisible }) => {
        return { instance, name: tabName(instance), lastActivity, isVisible: isVisible ?? true };
      }),
  };
}
