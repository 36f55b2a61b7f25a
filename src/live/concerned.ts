import type { RevocationMatch } from '../ports/revocation-log.js';
import type { Connection } from './connection.js';

/** Which sessions are meant, by the first of these that is present: one session, all of a user, or all. */
export interface SessionNames {
  readonly lineage?: string | undefined;
  readonly id?: string | undefined;
  readonly uid?: string | undefined;
  /** The lineage of the user's session that is not meant. */
  readonly except?: string | undefined;
}

/** The streams that something concerns. */
export interface Concerned {
  /** Those of now: all that are concerned, and perhaps others. */
  readonly connections: readonly Connection[];
  /** Whether a stream is concerned. Asked for each one in its turn: a look at all of 10,000 takes several ms. */
  includes(connection: Connection): boolean;
}

/** Whether the names are those of one session. */
export function isOfOne({ lineage, id }: SessionNames): boolean {
  return lineage !== undefined || id !== undefined;
}

/** Whether these names mean the session of a stream. */
export function mean({ lineage, id, uid, except }: SessionNames, connection: Connection): boolean {
  if (lineage !== undefined) return connection.lineage === lineage;
  if (id !== undefined) return connection.id === id;
  return uid === undefined || (connection.uid === uid && connection.lineage !== except);
}

/** The sessions that an entry of a revocation list may match. */
export function namesIn(match: RevocationMatch): SessionNames {
  if ('lineage' in match) return { lineage: match.lineage };
  if ('jti' in match) return { id: match.jti };
  return 'uid' in match ? { uid: match.uid } : {};
}
