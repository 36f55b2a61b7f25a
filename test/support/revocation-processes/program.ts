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
import { type Guarantee, RevocationList, RevocationsStale, SessionStorage } from '../../../src/index.js';
import { LiveSessions } from '../../../src/live/index.js';
import { openingOf } from '../outcomes.js';
import { heldSid } from '../server-sessions.js';
import { SECRET } from '../sessions.js';
import { GatedLog, type Holdable } from './gated-log.js';
import { type LogSettings, openLog } from './logs.js';
import { type SessionCommand, SessionsUnderWay } from './sessions-under-way.js';
import { SetClock } from './set-clock.js';

/** The first argument, as JSON. All durations are in ms. */
export interface ProgramSettings {
  readonly log: LogSettings;
  readonly bound: number;
  /** How long `revoke` waits. */
  readonly deadline: number;
  /** How long one operation of the log waits. */
  readonly logDeadline: number;
  readonly whenStale?: 'deny' | 'allow';
  readonly timeToLive?: number;
  readonly timeoutResolution?: number;
  readonly clockSkew?: number;
  /** The time at which the clock stands still, as a ms timestamp. Default: it is the machine's clock. */
  readonly time?: number;
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
  /** Ends all sessions of a user. Answered with the guarantee. */
  | { readonly kind: 'revoke-user'; readonly uid: string }
  /** The process kills itself as soon as `revoke` has resolved. */
  | { readonly kind: 'revoke-and-die'; readonly sid: string }
  /** Answered as `openingOf` does, or with 'stale'. */
  | { readonly kind: 'opening'; readonly sid: string }
  /** Answered when this process knows that the session was ended. */
  | { readonly kind: 'learn'; readonly sid: string }
  | { readonly kind: 'hold' | 'release'; readonly what: Holdable }
  /** See `SetClock`. */
  | { readonly kind: 'set-clock'; readonly time: number | null }
  | SessionCommand;

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

/** How a session opens that was ended in a list. */
const ENDED: readonly string[] = ['revoked', 'superseded'];

const settings: ProgramSettings = JSON.parse(process.argv[2] ?? '');
const { bound, deadline, whenStale, timeToLive, timeoutResolution, clockSkew } = settings;
const clock = new SetClock(settings.time ?? null);
const log = new GatedLog(await openLog(settings.log, settings.logDeadline));
const revocations = new RevocationList({ log, bound, deadline, whenStale, clock });
const storage = new SessionStorage<Record<string, unknown>, Record<string, unknown>>({
  jwtSecret: SECRET,
  revocations,
  timeToLive,
  timeoutResolution,
  clockSkew,
  clock,
});
const underWay = new SessionsUnderWay(storage);
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
    case 'revoke-user':
      return (await storage.revoke({ uid: command.uid })).guarantee;
    case 'revoke-and-die':
      await storage.revoke({ sid: command.sid });
      return process.kill(process.pid, 'SIGKILL');
    case 'opening':
      return opening(command.sid);
    case 'learn':
      while (!ENDED.includes(opening(command.sid))) await nextEntries();
      return undefined;
    case 'hold':
    case 'release':
      return log[command.kind](command.what);
    case 'set-clock':
      return clock.set(command.time);
    default:
      return await underWay.obey(command);
  }
}

function nextEntries(): Promise<void> {
  return new Promise((resolve) => {
    const stop = revocations.onAdded(() => {
      stop();
      resolve();
    });
  });
}

function opening(sid: string): string {
  try {
    return openingOf(storage, sid);
  } catch (error) {
    if (error instanceof RevocationsStale) return 'stale';
    throw error;
  }
}

function answerOf(sid: string): Answer {
  const said = opening(sid);
  if (said === 'stale') return said;
  return said === 'opened' ? 'live' : 'ended';
}

function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), 'code') ?? error);
}
