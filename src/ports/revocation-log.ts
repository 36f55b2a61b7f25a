/**
 * A log of revocations, from which every process learns which sessions were ended.
 *
 * @module
 */

/**
 * The sessions that a revocation ends:
 * - `lineage`: one session, including its re-issued tokens and plain rotations;
 * - `jti`: one token that a rotation replaced;
 * - `uid`: every session of the user that got its user at or before `before` (ms timestamp), except the lineages in `except`;
 * - `before` alone: every session that began, or got its user, at or before `before`.
 */
export type RevocationMatch =
  | { readonly lineage: string }
  | { readonly jti: string }
  | { readonly uid: string; readonly before: number; readonly except: readonly string[] }
  | { readonly before: number };

/** Why a session ended. With `superseded`, the newer credential of the same client stays valid; see RevocationList. */
export type RevocationReason = string;

/** A revocation to append. */
export interface NewRevocation {
  /** ms timestamp from which the revocation applies. It lies in the future when a rotated token stays valid for its grace period. */
  readonly at: number;
  /** ms timestamp after which no matching token can be alive; `null` = no such time. The entry can then be dropped. */
  readonly until: number | null;
  readonly reason: RevocationReason;
  readonly match: RevocationMatch;
}

/** A revocation as it is read back. */
export interface Revocation extends NewRevocation {
  /** The entry's position in the log. Opaque to readers: only the log itself compares positions. */
  readonly seq: string;
}

/** What a resolved `append` guarantees: this process, the durable log, or all instances that read it know the revocation. */
export type Guarantee = 'process' | 'log' | 'instances';

/**
 * Knows which processes read a log, so that a revocation can wait until all of them have read it. A reader is heard of by `seen`.
 *
 * - `seen` records that this reader has read everything up to `position`, and `null` that it has read nothing yet. A reader that is not heard
 *   of again within `life` ms is forgotten, by the clock of the backend.
 * - `left` forgets a reader at once. Of an unknown one, it does nothing.
 * - `behind` resolves with the number of readers that have not seen `position`, without those that are forgotten.
 */
export interface RevocationReaders {
  seen(reader: string, position: string | null, life: number): Promise<void>;
  left(reader: string): Promise<void>;
  behind(position: string): Promise<number>;
}

/**
 * An append-only log of revocations.
 *
 * - `append` resolves with the entry's `seq` once the log has stored the entry as durably as `guarantee` says. It rejects with an Error
 *   when that fails. A rejected append may have stored the entry, so appending the same entry twice must be harmless.
 * - `read(after, signal)` yields batches of entries in log order until `signal` aborts. With `null` it starts with all entries that the
 *   log keeps; with a position, with all entries after that position. It may divide them into any number of batches, and then yields one
 *   empty batch, which marks the end of the stored entries. After that, it yields new entries as they arrive.
 * - No entry is ever skipped: an entry whose append was acknowledged is read by everyone who reads on from an earlier position, however many
 *   processes append at once.
 * - An empty batch means that there is nothing new. A log yields a batch, if only an empty one, at least every few seconds: the reader
 *   measures the freshness of its list by them.
 * - `read` throws LogPositionLost if it cannot tell what came after the position: the log was emptied or replaced, lost entries in a failover,
 *   or removed entries before their time. The reader then starts again with `null`.
 * - Several reads may be open at once, and none waits for another one. A read that fails throws. It never retries by itself, and never ends
 *   without `signal` or `close`.
 * - An entry may be removed once `until` has passed, never earlier and never because of their number. One with `until: null` stays.
 * - An entry that the log cannot understand makes `read` throw: it may be a revocation of a newer version.
 * - A log that exists only in this process (guarantee `process`) may store nothing, because its only reader already has the entries.
 * - `readers`, if it is there, tells which processes have read what. Without it, no revocation can wait for all instances.
 * - `close` frees what the log holds. Reads end, and later appends and reads reject. What the application passed stays open.
 */
export interface RevocationLog {
  readonly guarantee: Guarantee;
  append(entry: NewRevocation): Promise<string>;
  read(after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]>;
  readonly readers?: RevocationReaders | undefined;
  close(): Promise<void>;
}
