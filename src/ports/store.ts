/**
 * Where the records of server-side sessions live. The comments here are the specification; `storeSuite` of
 * `sessions-jwt/testing` runs every sentence of it on a store of any make.
 *
 * @module
 */

/**
 * One session as a store sees it. All times are ms timestamps, whole numbers from 0 to 8,640,000,000,000,000.
 *
 * `id` and `lineage` are 1 to 64 characters of `A-Z a-z 0-9 _ -`; `id` is a digest, never what the client holds. `uid` is a
 * well-formed string of 1 to 255 UTF-16 units without U+0000, or null when nobody is signed in. `body` is JSON text, opaque
 * to the store and given back character by character, of any length that the backend can hold.
 */
export interface SessionRecord {
  readonly id: string;
  readonly lineage: string;
  /** A whole number from 0, one more after every `update`. */
  readonly version: number;
  readonly uid: string | null;
  readonly body: string;
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  /** From this instant on the session is over; null = it ends by itself never. */
  readonly expiresAt: number | null;
}

/** The tombstone of an id that opens a session no more. */
export interface Retired {
  readonly id: string;
  readonly retired: {
    /** The id that took its place, for the same user; null when there is none that its holder may be led to. */
    readonly successor: string | null;
    /** When. */
    readonly at: number;
    /** Why it ended, when it was ended on purpose; absent when another id took its place. */
    readonly reason?: string;
  };
  /** From this instant on it is as if the id had never been. */
  readonly expiresAt: number;
}

/** What `sweep` and `deleteOfUser` say of what they took away. */
export interface Swept {
  readonly id: string;
  readonly uid: string | null;
  /** Present and true for a tombstone. */
  readonly retired?: true;
}

/** What a guarded write came to; see {@link Store.update}. */
export type WriteOutcome = 'ok' | 'conflict' | 'gone';

/**
 * A store of sessions. Every operation on one id is atomic: of two at the same time, in whatever processes, one happens
 * before the other. What a resolved promise reported, every later operation sees.
 *
 * A rejection means that the backend failed, and is a `StoreUnavailable`; the outcome of a write is unknown then. The one exception is
 * `SessionAlreadyExists`. Nothing that a client could have sent is an error.
 */
export interface Store {
  /** Who sees what is written here: this process only, or every instance of the service. Absent = every instance. */
  readonly reach?: 'process' | 'instances';

  /**
   * Stores a new record as it is. @throws SessionAlreadyExists when the id is taken, by a session or by a tombstone; what is there stays
   * as it was. One that has expired counts as taken until it is removed.
   */
  create(record: SessionRecord): Promise<void>;

  /**
   * What is there for an id: the record, or its tombstone, exactly as written. `undefined` for an id that is unknown, malformed, or
   * whose record or tombstone has expired (`expiresAt <= now`), whether or not it was swept.
   */
  load(id: string, now: number): Promise<SessionRecord | Retired | undefined>;

  /**
   * Replaces a record whose version is still `record.version`, and gives it the version after that: 'ok'. 'conflict' when its version is another: nothing
   * changed. 'gone' when there is no record, or a tombstone: nothing is created. `lastAccess` never moves back: when a `touch` has put it later, it stays, and the
   * later of the two expiries (null being the latest). `created` and `lineage` are replaced like the rest, and a changed uid counts for `ofUser` at once.
   */
  update(record: SessionRecord): Promise<WriteOutcome>;

  /**
   * Moves `lastAccess` and `expiresAt` of a record; its version stays. Only forward: with a `lastAccess` not later than the one stored
   * nothing changes. True when the record is there, whether it moved or not; false when there is none, or a tombstone. Never creates. `uid` is the record's own.
   */
  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean>;

  /**
   * Puts a tombstone in a record's place if its version is still `expectedVersion`: 'ok'. 'conflict' when it is another, 'gone' when there is no
   * record, or a tombstone already: nothing changes. `tombstone.id` is `id`. Afterwards the session is no more among its user's.
   */
  retire(id: string, expectedVersion: number, tombstone: Retired): Promise<WriteOutcome>;

  /** Removes what is there for an id. True when that was a session, false for a tombstone or nothing. Deleting nothing is no error. */
  delete(id: string): Promise<boolean>;

  /**
   * The records of a user that have not expired at `now`, in no particular order. Tombstones are not among them. A session that is there
   * during the whole call is never missed, under whatever ids: one that is being rotated is found under the old or the new one.
   */
  ofUser(uid: string, now: number): Promise<readonly SessionRecord[]>;

  /**
   * Removes a user's sessions, expired ones too, and gives their ids. The session `exceptId` and all others of its lineage stay; so do
   * tombstones. A session that is being rotated meanwhile does not slip through: either its new record is removed too, or `retire` of the old
   * one answers 'gone'.
   */
  deleteOfUser(uid: string, exceptId?: string): Promise<readonly string[]>;

  /**
   * Removes up to `limit` records and tombstones with `expiresAt <= now`, and says which. Fewer than `limit` means that no others are left. May run in
   * several processes at once: none removes what another did. A backend that drops expired entries by itself answers with none.
   */
  sweep(now: number, limit: number): Promise<readonly Swept[]>;

  /**
   * Removes every session and tombstone; gives how many sessions, where that is known. One that is being rotated does not slip through either. May be absent:
   * then everyone's sessions can be ended through a RevocationList only.
   */
  deleteAll?(): Promise<number | undefined>;

  /** Frees what the store itself made; a client that it was given stays open. Operations reject with StoreUnavailable from then on. Closing twice is no error. */
  close(): Promise<void>;
}
