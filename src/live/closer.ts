import { randomInt } from 'node:crypto';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { Connection, LastEvent } from './connection.js';
import { Turns } from './turns.js';
import { dataOf, frame } from './wire.js';

/** How long a client waits at most before it connects again, unless it is told otherwise: ms. */
const USUAL_PAUSE = 2_000;
/** The same after a sign-in: its page waits for the stream of the new session. */
const SHORT_PAUSE = 200;
/** How many responses are ended in one turn of the event loop. Each takes about 40 us, most of it in Node, and the first ten times that. */
const AT_ONCE = 25;

/** Why a client should connect again. */
export type ReconnectReason = 'rotated' | 'expired' | 'drained' | 'unchecked' | 'duplicate' | 'closed';

/**
 * Ends streams. From then on, nothing but the last event is written to them. The responses of many streams are ended over several turns of
 * the event loop.
 */
export class Closer {
  readonly #turns = new Turns(AT_ONCE);
  readonly #onWork: (work: Promise<void>) => void;
  /** The streams whose responses must end in later turns. */
  #due: Connection[] = [];
  #work: Promise<void> | undefined;
  /** The newest last event. Streams that end alike share it: garbage is collected while thousands of them wait. */
  #latest: LastEvent | undefined;

  /** `onWork`: called when responses have to wait for later turns, with a promise that resolves when all have ended. */
  constructor(onWork: (work: Promise<void>) => void) {
    this.#onWork = onWork;
  }

  /** Resolves when the responses of all streams that were ended have ended. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** Ends a stream whose session goes on, or may go on under a newer credential. */
  sendAway(connection: Connection, reason: ReconnectReason, pause: number = USUAL_PAUSE): void {
    this.#end(connection, { event: { type: 'reconnect', data: { reason } }, pause });
  }

  /** Ends a stream whose session is over. The client is answered 204 if it connects again with it. */
  conclude(connection: Connection, reason: string): void {
    const pause = reason === SUPERSEDED ? SHORT_PAUSE : USUAL_PAUSE;
    this.#end(connection, { event: { type: 'end', data: { reason } }, pause });
  }

  #end(connection: Connection, last: LastEvent): void {
    if (this.#latest === undefined || !areAlike(this.#latest, last)) this.#latest = last;
    if (!connection.stop(this.#latest)) return;
    if (this.#work === undefined && this.#turns.take()) {
      finish(connection);
      return;
    }
    this.#due.push(connection);
    if (this.#work !== undefined) return;
    this.#work = this.#finishDue();
    this.#onWork(this.#work);
  }

  async #finishDue(): Promise<void> {
    while (this.#due.length > 0) {
      const due = this.#due;
      this.#due = [];
      await this.#turns.each(due, finish);
    }
    this.#work = undefined;
  }
}

/** The last event as bytes, with a random pause from a tenth of the longest on, so that many clients do not come back at once. */
export function lastBlock({ event, pause }: LastEvent): Buffer {
  return frame(event.type, dataOf(event), { retry: randomInt(Math.ceil(pause / 10), pause + 1) });
}

function areAlike(one: LastEvent, other: LastEvent): boolean {
  const isSameEvent = one.event.type === other.event.type && one.event.data.reason === other.event.data.reason;
  return isSameEvent && one.pause === other.pause;
}

function finish(connection: Connection): void {
  if (connection.last !== undefined) connection.finish(lastBlock(connection.last));
}
