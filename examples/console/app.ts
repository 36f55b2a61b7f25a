import { fileURLToPath } from 'node:url';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { ServerSessionStorage } from 'sessions-jwt';
import { activateSessions, stream } from 'sessions-jwt/express';
import type { Bus, LiveSessions } from 'sessions-jwt/live';
import { ActivityLog } from './activity-log.js';
import { Changes, followChanges } from './changes.js';
import { isRead, reportOrigin, tokenRoute } from './cross-site.js';
import { deviceRoutes } from './devices.js';
import { answerError, Refused } from './errors.js';
import { healthRoute } from './health.js';
import { messageRoute } from './messages.js';
import { overviewRoute } from './overview.js';
import { createRoutes } from './routes.js';
import type { ConsoleSession, ServerStorage, TokenStorage } from './storage.js';
import { tokenRoutes } from './token.js';

const PAGE = fileURLToPath(new URL('public', import.meta.url));
/** The client of live sessions. Its modules work in browsers as they are. */
const CLIENT = fileURLToPath(new URL('.', import.meta.resolve('sessions-jwt/client')));

/** What the service needs. */
export interface ConsoleSessions {
  readonly sessionStorage: ServerStorage | TokenStorage;
  readonly live: LiveSessions;
  /** What connects processes; `undefined` for a single one. The same as that of `live`. */
  readonly bus?: Bus | undefined;
  /** Where the sessions are kept, as shown on the page. */
  readonly keptIn: string;
  /** What CSRF tokens are signed with: 32 bytes or more. */
  readonly csrfSecret: string;
}

/** The service: the page under `/`, the JSON API under `/api`, the stream of events at `/live`. */
export function createApp({ sessionStorage, live, bus, keptIn, csrfSecret }: ConsoleSessions): Express {
  const csrf = { token: true, secret: csrfSecret };
  const sessions = activateSessions<ConsoleSession>({ sessionStorage, cookie: true, header: true, csrf });
  const isServer = sessionStorage instanceof ServerSessionStorage;
  const activity = new ActivityLog(bus, sessionStorage);
  const follow = followChanges(sessions, new Changes(live));

  const app = express();
  app.disable('x-powered-by');
  app.use(guardPage);
  // Before the sessions: loading the page is not activity, and works while the store is down.
  app.use(express.static(PAGE));
  app.use('/client', express.static(CLIENT));
  app.get('/api/about', (_request, response) => {
    response.json({ sessions: isServer ? 'server' : 'tokens', keptIn });
  });
  // Also before them: it must answer while they cannot be opened.
  app.use('/api', forbidStoring, healthRoute(sessionStorage));
  app.all('/live', sessions, follow, stream(live));
  app.use('/api', forbidStoring, requireJson, reportOrigin, sessions, follow, express.json({ limit: '16kb' }));
  app.use('/api', tokenRoute(sessions));
  app.use('/api', createRoutes(sessions, sessionStorage));
  app.use('/api', overviewRoute(sessions, { sessionStorage, live, activity }));
  app.use('/api', messageRoute(sessions, { sessionStorage, live }));
  app.use('/api', isServer ? deviceRoutes(sessions, sessionStorage) : tokenRoutes(sessions));
  app.use((request) => {
    throw new Refused(404, `not found: ${request.method} ${request.path}`);
  });
  app.use(answerError);
  return app;
}

/** The page loads only its own files, and no other page can frame it. */
function guardPage(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': [
      "default-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      // The policy of sessions-jwt/client.
      'trusted-types sessions-jwt',
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
  });
  next();
}

/** Responses contain data of the user, so no cache may store them. */
function forbidStoring(_request: Request, response: Response, next: NextFunction): void {
  response.set('Cache-Control', 'no-store');
  next();
}

/** The API takes JSON only. `csrf` above is what keeps other sites out; that forms cannot send this content type is a second barrier. */
function requireJson(request: Request, _response: Response, next: NextFunction): void {
  const type = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (isRead(request) || type === 'application/json') next();
  else next(new Refused(415, `${request.method} needs Content-Type: application/json`));
}
