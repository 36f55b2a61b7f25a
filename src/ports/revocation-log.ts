/**
 * Where revocations are written down for every process that must know them.
 *
 * @module
 */

/**
 * Which sessions a revocation ends:
 * - `lineage`: that session, through all its re-issues and plain rotations;
 * - `jti`: the one token that a rotation left behind;
 * - `uid`: every session of the user that got its user at or before `before` (ms), except those lineages;
 * - `before` alone: every session there is that began (or got its user) at or before it.
 */
export type RevocationMatch =
  | { readonly lineage: string }
  | { readonly jti: string }
  | { readonly uid: string; readonly before: number; readonly except: readonly string[] }
  | { readonly before: number };

/** Why it ended; `superseded` leaves the fresh credential of the same client alone (see RevocationList). */
export type RevocationReason = string;

/** What is appended. */
export interface NewRevocation {
  /** ms timestamp from which it holds; later than now for a token that rotation lets live for its grace. */
  readonly at: number;
  /** ms timestamp after which no token it matches can still be alive; `null` = for ever. */
  readonly until: number | null;
  readonly reason: RevocationReason;
  readonly match: RevocationMatch;
}

/** What is read back. */
export interface Revocation extends NewRevocation {
  /** Position in the log: opaque, later entries sort behind earlier ones in the log's own order. */
  readonly seq: string;
}

/** How far a resolved append reaches: this process, the durable log, or all instances that read it. */
export type Guarantee = 'process' | 'log' | 'instances';

/**
 * An append-only log of revocations.
 *
 * - `append` resolves with the entry's `seq` once the log holds it as durably as `guarantee` says, and rejects with
 *   an Error when it could not; the outcome of a rejected append is unknown, so appending again must do no harm.
 * - `read(after, signal)` yields batches in log order, without end until `signal` aborts. From `null`: first all entries
 *   that the log keeps, from a position: all that are behind it; in as many batches as it likes, then an empty batch,
 *   which says that this was all. From then on new ones as they come. An empty batch says "I am here and there is nothing
 *   new"; a log yields one at least every few seconds, because the reader measures freshness by it.
 * - A log that lives and dies with its only process (guarantee `process`) may keep nothing: its reader already has it.
 * - `close` frees what the log holds; reads end, appends reject from then on.
 */
export interface RevocationLog {
  readonly guarantee: Guarantee;
  append(entry: NewRevocation): Promise<string>;
  read(after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]>;
  close(): Promise<void>;
}
