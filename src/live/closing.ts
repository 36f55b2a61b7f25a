import { randomInt } from 'node:crypto';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { Connection } from './connection.js';

/** How long a client waits at most before it connects again, unless it is told otherwise: ms. */
const USUAL_PAUSE = 2_000;
/** The same after a sign-in: its page waits for the stream of the new session. */
const SHORT_PAUSE = 200;

/** Why a client should connect again. */
export type ReconnectReason = 'rotated' | 'expired' | 'drained' | 'unchecked' | 'duplicate' | 'closed';

/** A random pause from a tenth of `most` on, so that many clients do not come back at once: whole ms. */
export function jittered(most: number = USUAL_PAUSE): number {
  return randomInt(Math.ceil(most / 10), most + 1);
}

/** Ends a stream whose session goes on, or may go on under a newer credential. */
export function sendAway(connection: Connection, reason: ReconnectReason, most?: number): void {
  connection.end({ type: 'reconnect', data: { reason } }, jittered(most));
}

/** Ends a stream whose session is over. The client is answered 204 if it connects again with it. */
export function conclude(connection: Connection, reason: string): void {
  connection.end({ type: 'end', data: { reason } }, jittered(reason === SUPERSEDED ? SHORT_PAUSE : USUAL_PAUSE));
}
