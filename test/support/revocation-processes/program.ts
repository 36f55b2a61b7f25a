/**
 * A server with sessions in tokens and a revocation list, one process of several that share a log. Answers the commands of the process that
 * started it, see `RevocationCommand`.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions, stream } from '../../../src/adapters/express.js';
import {
  type Guarantee,
  RevocationList,
  RevocationsStale,
  SessionNotFound,
  SessionStorage,
} from '../../../src/index.js';
import { LiveSessions } from '../../../src/live/index.js';
import { heldSid } from '../server-sessions.js';
import { SECRET } from '../sessions.js';
import { type LogSettings, openLog } from './logs.js';

/** The first argument, as JSON. All durations are in ms. */
export interface ProgramSettings {
  readonly log: LogSettings;
  readonly bound: number;
  /** How long `revoke` waits. */
  readonly deadline: number;
  /** How long one operation of the log waits. */
  readonly logDeadline: number;
}

/** What a process says of a session: its user is signed in, it has ended, or the list is stale (503). */
export type Answer = 'live' | 'ended' | 'stale';

export type RevocationCommand =
  /** Answered when the whole log was read. */
  | { readonly kind: 'ready' }
  /** Answered with the sid. */
  | { readonly kind: 'sign-in'; readonly uid: string }
  /** Answered when `revoke` has settled, with a `Revoked`. */
  | { readonly kind: 'revoke'; readonly sid: string; readonly wait?: Guarantee }
  /** The process kills itself as soon as `revoke` has resolved. */
  | { readonly kind: 'revoke-and-die'; readonly sid: string };

export interface Revoked {
  /** What this process said of the session in the turn in which `revoke` was called. */
  readonly own: Answer;
  /** The code of the error that `revoke` rejected with; `undefined` if it resolved. */
  readonly failure?: string | undefined;
}

/** A command on its way. */
export interface Asked {
  readonly id: number;
  readonly command: RevocationCommand;
}

const settings: ProgramSettings = JSON.parse(process.argv[2] ?? '');
const { bound, deadline } = settings;
const log = await openLog(settings.log, settings.logDeadline);
const revocations = new RevocationList({ log, bound, deadline });
const storage = new SessionStorage({ jwtSecret: SECRET, revocations });
const live = new LiveSessions({ sessionStorage: storage, heartbeat: 600_000 });

process.on('disconnect', () => process.exit());
process.on('message', ({ id, command }: Asked) => {
  obey(command).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, failure: codeOf(error) }),
  );
});

const app = express();
app.use(activateSessions({ sessionStorage: storage, cookie: true, create: 'never' }));
app.get('/page', (request: Request, response) => void response.json({ uid: request.session?.uid ?? null }));
app.get('/live', stream(live));
app.use((error: unknown, _: Request, response: Response, _next: NextFunction) => {
  response.status(Number(Reflect.get(Object(error), 'status') ?? 500)).json({ code: codeOf(error) });
});
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.(server.address());

async function obey(command: RevocationCommand): Promise<unknown> {
  switch (command.kind) {
    case 'ready':
      return await revocations.ready();
    case 'sign-in':
      return await heldSid(storage, {}, command.uid);
    case 'revoke': {
      const { sid, wait } = command;
      const done = storage.revoke({ sid }, { reason: 'stolen', wait });
      const own = answerOf(sid);
      const failure = await done.then(() => undefined, codeOf);
      return { own, failure } satisfies Revoked;
    }
    case 'revoke-and-die':
      await storage.revoke({ sid: command.sid });
      return process.kill(process.pid, 'SIGKILL');
  }
}

function answerOf(sid: string): Answer {
  try {
    storage.get(sid, { touch: false });
    return 'live';
  } catch (error) {
    if (error instanceof RevocationsStale) return 'stale';
    if (error instanceof SessionNotFound) return 'ended';
    throw error;
  }
}

function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), 'code') ?? error);
}
