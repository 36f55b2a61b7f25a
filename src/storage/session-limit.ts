import { setImmediate as nextTurn } from 'node:timers/promises';
import { inTurns } from '../lib/in-turns.js';
import type { SessionFacts } from './events.js';

/** The `reason` of the event `ended`. */
export const TOO_MANY = 'too many sessions';
/**
 * How many sessions end at the same time, and before the sign-in is answered. One user never has so many concurrent
 * sign-ins.
 */
const MOST_AT_ONCE = 100;

/** A session that counts. */
export interface LimitedSession extends SessionFacts {
  readonly created: number;
  /** Orders sign-ins within the same millisecond: see `nextOrder`. */
  readonly order: number;
}

/**
 * The rule of `maxSessionsPerUser`. It is applied after a sign-in was stored, and before its client gets its sid.
 *
 * The sign-in that is stored last sees all others, and all of them use the same order. So the newest of any number of
 * concurrent sign-ins stay, and no client ever gets a session too many.
 */
export class SessionLimit<Kind extends LimitedSession> {
  readonly #most: number;
  /** The users whose older sessions are being ended in the background. */
  readonly #underWay = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Ends all but the newest sessions. Each item of `sessions` counts as one. `end` ends a batch; `isLate`: in the
   * background, after the sign-in was answered. Returns false if the session that has just signed in is one of those
   * that end.
   */
  async hold(
    signIn: { readonly uid: string; readonly lineage: string },
    sessions: Iterable<readonly Kind[]>,
    end: (batch: readonly Kind[], isLate: boolean) => Promise<void>,
  ): Promise<boolean> {
    const { newest, older } = await newestOf(sessions, this.#most + MOST_AT_ONCE);
    const excess = newest.slice(this.#most).flat();
    if (excess.length > 0) await end(excess, false);
    const others = older.flat();
    if (others.length > 0) void this.#endLater(signIn.uid, others, end);
    return [...excess, ...others].every(({ lineage }) => lineage !== signIn.lineage);
  }

  /**
   * For a user who had many sessions when the limit was introduced or lowered: no sign-in waits until all of them have
   * ended.
   */
  async #endLater(
    uid: string,
    sessions: readonly Kind[],
    end: (batch: readonly Kind[], isLate: boolean) => Promise<void>,
  ): Promise<void> {
    if (this.#underWay.has(uid)) return;
    this.#underWay.add(uid);
    try {
      for (let from = 0; from < sessions.length; from += MOST_AT_ONCE) {
        await end(sessions.slice(from, from + MOST_AT_ONCE), true);
        await nextTurn();
      }
    } catch {
      // The next sign-in ends the rest.
    } finally {
      this.#underWay.delete(uid);
    }
  }
}

/**
 * Returns the `most` newest sessions, newest first, and the others in any order. Sorting all would block the event
 * loop.
 */
async function newestOf<Kind extends LimitedSession>(
  sessions: Iterable<readonly Kind[]>,
  most: number,
): Promise<{ readonly newest: readonly (readonly Kind[])[]; readonly older: readonly (readonly Kind[])[] }> {
  const newest: (readonly Kind[])[] = [];
  const older: (readonly Kind[])[] = [];
  for await (const session of inTurns(sessions)) {
    let low = 0;
    for (let high = newest.length; low < high; ) {
      const middle = (low + high) >> 1;
      const other = newest[middle];
      if (other !== undefined && newestFirst(other, session) <= 0) low = middle + 1;
      else high = middle;
    }
    newest.splice(low, 0, session);
    if (newest.length > most) older.push(...newest.splice(most));
  }
  return { newest, older };
}

function newestFirst([a]: readonly LimitedSession[], [b]: readonly LimitedSession[]): number {
  if (a === undefined || b === undefined) return 0;
  return b.created - a.created || b.order - a.order || (a.lineage < b.lineage ? -1 : 1);
}

let lastOrder = 0;

/** Returns a number greater than all before in this process: µs of the machine's clock. */
export function nextOrder(): number {
  lastOrder = Math.max(lastOrder + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return lastOrder;
}
