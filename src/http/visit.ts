import type { Withheld } from '../session/session-state.js';
import type { SessionFacts } from '../storage/events.js';
import type { CommitResult, OpenedSession } from '../storage/session-source.js';
import type { Exchange } from './exchange.js';
import type { LateChanges } from './late-changes.js';
import type { Transport } from './transports/transport.js';

/** One request's session, from open to commit. */
export interface Visit<Kind extends OpenedSession> {
  readonly exchange: Exchange;
  /** `undefined` if the request has none. */
  session: Kind | undefined;
  /** The transport that carried the request's sid; `undefined` if there was none. */
  readonly via: Transport | undefined;
  /** The session that the request's sid opened, as it was then. */
  readonly opened: SessionFacts | undefined;
  /** When the request's session was opened as activity, for the identity cookie: ms timestamp; `undefined` if it was not. */
  activeSince: number | undefined;
  /** Two different valid sessions came at once: the cookie is cleared, and nothing is sent. */
  readonly isAmbiguous: boolean;
  /** Whether nothing may be sent for this request. */
  readonly withheld: Withheld;
  /** The sids that cannot be judged here. A sign-in or a sign-out ends their sessions, as far as they are known. */
  readonly undecided: readonly string[];
  /** Whether the application read the session, so that the response depends on it. */
  isRead: boolean;
  /** Whether the head of the response has been decided: no credential can be added. */
  isSealed: boolean;
  /** What became of the session at commit; `undefined` before. */
  outcome: CommitResult['outcome'] | undefined;
  /** `undefined` without a session that can be changed. */
  late: LateChanges<Kind> | undefined;
}
