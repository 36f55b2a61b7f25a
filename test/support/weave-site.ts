import express, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions, stream } from '../../src/adapters/express.js';
import { SessionError } from '../../src/index.js';
import type { OpenedSession } from '../../src/storage/session-source.js';
import type { Weave, WeaveTab } from '../../src/weave/index.js';
import { serve } from './deferred-head.js';

/** What a handler does for a tab. */
export type WeaveHandler = (tab: WeaveTab) => unknown;

/** A site, and what its server can do with its tabs. */
export interface WeaveSite {
  readonly port: number;
  readonly weave: Pick<Weave, 'live' | 'lastActivity' | 'sessionActivity' | 'sessionActivities'>;
}

/** An Express application over `weaveSessions`. `handlers` answer `POST /h/<name>`. */
export async function weaveSite<Kind extends OpenedSession>(
  weave: Weave<Kind>,
  handlers: Readonly<Record<string, WeaveHandler>>,
): Promise<WeaveSite> {
  const app = express();
  const sessions = activateSessions(weave.options);
  app.use(sessions, sessions.checkCsrf);
  app.all('/live', stream(weave.live));
  app.get('/', (req, res) => {
    res.json(weave.of(req).identity ?? null);
  });
  app.post('/h/:name', (req, res, next) => {
    const answer = async () => {
      await handlers[req.params.name]?.(weave.of(req));
      res.sendStatus(204);
    };
    answer().catch(next);
  });
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    res.status(error instanceof SessionError ? error.status : 500).send(String(error));
  });
  return { port: await serve(app), weave };
}
