/**
 * The port of a store of server-side sessions. These comments are its specification. `storeSuite` of `sessions-jwt/testing` checks every
 * sentence of it against any store.
 *
 * @module
 */

/**
 * One session, as a store sees it. All times are ms timestamps: whole numbers from 0 to 8,640,000,000,000,000.
 *
 * `id` and `lineage` consist of 1 to 64 characters of `A-Z a-z 0-9 _ -`. `id` is a digest, never the credential that the client holds.
 * `uid` is null when nobody is signed in; otherwise it is a well-formed string of 1 to 255 UTF-16 units without U+0000. `body` is JSON text
 * of any length that the backend can hold. The store does not interpret it, and returns it character by character.
 */
export interface SessionRecord {
  readonly id: string;
  readonly lineage: string;
  /** A whole number from 0. Each `update` increments it by one. */
  readonly version: number;
  readonly uid: string | null;
  readonly body: string;
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  /** The session has expired from this ms timestamp on; null = it never expires. */
  readonly expiresAt: number | null;
}

/** A tombstone: what is stored under an id that no longer opens a session. */
export interface Retired {
  readonly id: string;
  readonly retired: {
    /** The id that replaced this one, for the same user; null when its holder must not be led to any session. */
    readonly successor: string | null;
    /** ms timestamp at which the session was retired. */
    readonly at: number;
    /**
     * Why the session was ended on purpose; absent when another id replaced it. With a successor: its user signed in again, so the
     * holder of this id is not led to it.
     */
    readonly reason?: string;
  };
  /** The tombstone has expired from this ms timestamp on. The id is unknown then. */
  readonly expiresAt: number;
}

/** One entry that `sweep` removed. */
export interface Swept {
  readonly id: string;
  readonly uid: string | null;
  /** Present, and true, for a tombstone. */
  readonly retired?: true;
}

/** The outcome of a write that compares versions; see {@link Store.update}. */
export type WriteOutcome = 'ok' | 'conflict' | 'gone';

/** How {@link Store.deleteOfUser} ends sessions. */
export interface EndOfUser {
  /** The maximum number of sessions that one call ends. Default: no limit. */
  readonly limit?: number | undefined;
  /** Replaces each session with this tombstone, as `retire` does. Default: the sessions are removed. */
  readonly tombstone?: Omit<Retired, 'id'> | undefined;
}

/** The operations that every store has. `deleteAll` is optional. */
export const STORE_OPERATIONS = [
  'create',
  'load',
  'update',
  'touch',
  'retire',
  'delete',
  'ofUser',
  'deleteOfUser',
  'sweep',
  'close',
] as const;

/**
 * A store of sessions.
 *
 * Every operation on one id is atomic. When two run at the same time, in any processes, the result is as if one had run before the other.
 * After a promise resolves, every later operation in any process sees what it reported. Opening or closing the store does not change that,
 * and neither does a crash of a process that uses it.
 *
 * An operation rejects only when the backend fails, and then with `StoreUnavailable`. A write that rejects may or may not have happened. The
 * one exception is `SessionAlreadyExists`. Nothing that a client can send causes an error.
 *
 * No operation blocks the event loop for long. One that handles many sessions lets other work run after every few hundred of them.
 */
export interface Store {
  /** Who sees what is written: only this process, or every instance of the service. Absent = every instance. */
  readonly reach?: 'process' | 'instances';

  /**
   * Stores a new record unchanged. An existing entry with this id is never overwritten, even when it has expired but was not removed yet.
   *
   * `replaces` is given during a rotation: the id of the session that the new one will replace. A store of limited size must not remove that
   * session to make room.
   *
   * @throws SessionAlreadyExists when there is a session or a tombstone with this id. That entry stays as it was.
   */
  create(record: SessionRecord, replaces?: string): Promise<void>;

  /**
   * Returns the record or tombstone of an id, exactly as written. Returns `undefined` when the id is unknown or malformed, and when its entry has
   * expired (`expiresAt <= now`), whether or not it was swept.
   */
  load(id: string, now: number): Promise<SessionRecord | Retired | undefined>;

  /**
   * Replaces the record with this id, if its version is `record.version`, and increments the version. Returns
   * - 'ok' when the record was replaced;
   * - 'conflict' when the stored version is another: nothing changes;
   * - 'gone' when there is no record, or a tombstone: nothing is created.
   *
   * `lastAccess` never moves back. When a `touch` has stored a later one, that one stays, and the later of the two expiries is stored; null is
   * later than any time. All other fields are replaced, `created` and `lineage` included. `ofUser` sees a changed uid at once.
   */
  update(record: SessionRecord): Promise<WriteOutcome>;

  /**
   * Sets `lastAccess` and `expiresAt` of a record, and leaves its version alone. It changes nothing when `lastAccess` is not later than the stored
   * one. It never creates a record.
   *
   * Returns true when the record exists, whether or not it changed; false when there is none, or a tombstone. `uid` is the uid of the record,
   * for stores that need it to find their entries.
   */
  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean>;

  /**
   * Replaces a record with a tombstone, if its version is `expectedVersion`. `tombstone.id` equals `id`. Returns
   * - 'ok' when the record was replaced: `ofUser` no longer returns it;
   * - 'conflict' when the stored version is another: nothing changes;
   * - 'gone' when there is no record, or a tombstone already: nothing changes.
   *
   * When `expectedVersion` is null, any version is replaced and the outcome is never 'conflict'. So a session ends at the first attempt, however
   * often others write to it.
   */
  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome>;

  /** Removes the entry with this id. Returns true for a session; false for a tombstone, and when there is no entry. */
  delete(id: string): Promise<boolean>;

  /**
   * Returns the records of a user that have not expired at `now`, in any order and without tombstones. It returns every session that exists
   * during the whole call. A session that is being rotated meanwhile is returned under its old or its new id.
   *
   * With `lineage`, it returns only the records of that lineage. The cost then does not depend on how many sessions the user has.
   */
  ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]>;

  /**
   * Ends the sessions of a user, including expired ones, and returns their ids. Tombstones stay. `except` names a session to keep, by its lineage
   * or its current id: all records of that lineage stay.
   *
   * With `limit`, a call ends at most that many sessions. Fewer ids than `limit` mean that no session is left. A call that rejects may have
   * ended some sessions; call it again.
   *
   * A session that is being rotated does not escape the call that leaves no session. Either its new record ends too, or `retire` of the old one
   * returns 'gone'.
   */
  deleteOfUser(uid: string, except?: string, options?: EndOfUser): Promise<readonly string[]>;

  /**
   * Removes up to `limit` records and tombstones that have expired (`expiresAt <= now`), and returns them. Fewer than `limit` mean that no other is
   * left. Several processes may sweep at the same time: an entry is removed, and returned, by one of them only.
   *
   * A backend that removes expired entries by itself returns none. The duration of a call depends on how many entries it removes, not on how many
   * there are.
   */
  sweep(now: number, limit: number): Promise<readonly Swept[]>;

  /**
   * Removes all sessions and tombstones. Returns the number of sessions, or undefined when the store does not know it. A session that is being
   * rotated does not escape. Optional: without it, the sessions of all users can be ended only through a RevocationList.
   */
  deleteAll?(): Promise<number | undefined>;

  /** Frees the resources that the store created. A client that it was given stays open. Later operations reject with StoreUnavailable. May be called twice. */
  close(): Promise<void>;
}
