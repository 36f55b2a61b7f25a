import type { SessionNotFound } from '../errors.js';
import type { OpenedSession } from '../storage/session-source.js';
import { CANDIDATE_LIMIT } from './transports/transport.js';

/** The result of looking up one sid. */
export type Found<Kind> = Kind | SessionNotFound;

/** As cheap as can be, because each request asks: no session is an Error. */
export function isMissing(found: unknown): found is SessionNotFound {
  return found instanceof Error;
}

/** Each session once, by its newest copy. */
export function distinct<Kind extends OpenedSession>(found: readonly Found<Kind>[]): Kind[] {
  const newest = new Map<string, Kind>();
  for (const one of found) {
    if (isMissing(one)) continue;
    const known = newest.get(one.lineage);
    if (known === undefined || isNewer(one, known)) newest.set(one.lineage, one);
  }
  return [...newest.values()];
}

function isNewer(one: OpenedSession, other: OpenedSession): boolean {
  const isReplaced = one.isReplaced ?? false;
  return isReplaced === (other.isReplaced ?? false) ? one.lastAccess > other.lastAccess : !isReplaced;
}

/** Whether one request came with different sessions, or with more sids than a browser sends by itself. */
export function isSuspicious(found: readonly unknown[], sessions: readonly unknown[]): boolean {
  return sessions.length > 1 || found.length > CANDIDATE_LIMIT;
}
