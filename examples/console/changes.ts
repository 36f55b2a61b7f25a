import type { NextFunction, Request, Response } from 'express';
import type { ExpressSessions } from 'sessions-jwt/express';
import { type LiveSessions, message } from 'sessions-jwt/live';
import type { ConsoleSession } from './storage.js';

/** How long changes are collected before the pages hear of them, in ms. */
const COLLECTING = 100;

/** ms in which a user counts as present. */
const PRESENT = 5 * 60_000;

/** Tells the pages of a user that what they show has changed. They load it again, each as its own session sees it. */
export class Changes {
  readonly #live: LiveSessions;
  readonly #due = new Set<string>();

  constructor(live: LiveSessions) {
    this.#live = live;
  }

  tell(uid: string): void {
    if (this.#due.has(uid)) return;
    this.#due.add(uid);
    setTimeout(() => {
      this.#due.delete(uid);
      // While the bus is down, no page hears of it: their streams are down too, and they say so.
      this.#send(uid).catch(() => undefined);
    }, COLLECTING).unref();
  }

  async #send(uid: string): Promise<void> {
    // Counting also shares what this process knows of its tabs, so that other processes answer with it.
    const { count } = await this.#live.activeUsers(PRESENT);
    await this.#live.send({ uid }, message('changed', { presentUsers: count }));
  }
}

/** Middleware that notices when the sessions or tabs of a user change. Install it after the sessions. */
export function followChanges(
  sessions: ExpressSessions<ConsoleSession>,
  changes: Changes,
): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const session = sessions.of(request);
    const { uid } = session;
    // Pages load their lists by passive requests. These must not make them load the lists again.
    const isOnlyLooking = request.baseUrl === '/api' && request.get('X-Session-Passive') === '1';
    if (!isOnlyLooking) {
      // A stream closes when its tab does. Other requests may have changed the user.
      response.once('close', () => {
        for (const one of new Set([uid, session.isEnded ? undefined : session.uid])) {
          if (one !== undefined) changes.tell(one);
        }
      });
    }
    next();
  };
}
