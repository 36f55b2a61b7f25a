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

/** What `sweep` reports about each entry that it removed. */
export interface Swept {
  readonly id: string;
  readonly uid: string | null;
  /** Present and true for a tombstone. */
  readonly retired?: true;
}

/** The outcome of a guarded write; see {@link Store.update}. */
export type WriteOutcome = 'ok' | 'conflict' | 'gone';

/** How {@link Store.deleteOfUser} ends sessions. */
export interface EndOfUser {
  /** At most this many sessions end in one call. Default: no limit. */
  readonly limit?: number | undefined;
  /** Replaces each session, as `retire` would. Default: nothing replaces it. */
  readonly tombstone?: Omit<Retired, 'id'> | undefined;
}

/**
 * A store of sessions. Every operation on one id is atomic: of two at the same time, in whatever processes, one happens
 * before the other. Every later operation, in any process, sees what a resolved promise reported. Opening or closing the store,
 * and the crash of any process that uses it, changes nothing of that.
 *
 * A rejection means that the backend failed, and is a `StoreUnavailable`; the outcome of a write is unknown then. The one exception is
 * `SessionAlreadyExists`. Nothing that a client could have sent is an error.
 *
 * No operation blocks the event loop for long: one that concerns many sessions lets other work run after every few hundred of them.
 */
export interface Store {
  /** Who sees what is written here: this process only, or every instance of the service. Absent = every instance. */
  readonly reach?: 'process' | 'instances';

  /**
   * Stores a new record as it is. @throws SessionAlreadyExists when the id is taken, by a session or by a tombstone; the existing entry stays
   * as it was. An expired entry counts as taken until it is removed.
   *
   * `replaces`: the id of the session that the new one is about to replace, when a session rotates. A store of limited size that removes
   * entries to make room never removes that one.
   */
  create(record: SessionRecord, replaces?: string): Promise<void>;

  /**
   * The record or tombstone of an id, exactly as written. `undefined` for an id that is unknown, malformed, or
   * whose record or tombstone has expired (`expiresAt <= now`), whether or not it was swept.
   */
  load(id: string, now: number): Promise<SessionRecord | Retired | undefined>;

  /**
   * Replaces a record whose version is still `record.version`, and increments the version: 'ok'. 'conflict' when its version is another: nothing
   * changed. 'gone' when there is no record, or a tombstone: nothing is created. `lastAccess` never moves back: when a `touch` has put it later, it stays, and the
   * later of the two expiries (null being the latest). `created` and `lineage` are replaced like the rest, and a changed uid counts for `ofUser` at once.
   */
  update(record: SessionRecord): Promise<WriteOutcome>;

  /**
   * Moves `lastAccess` and `expiresAt` of a record; its version stays. Only forward: with a `lastAccess` not later than the one stored
   * nothing changes. True when the record exists, whether it moved or not; false when it does not, or is a tombstone. Never creates. `uid` is the record's own.
   */
  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean>;

  /**
   * Replaces a record with a tombstone if its version is still `expectedVersion`: 'ok'. 'conflict' when it is another, 'gone' when there is no
   * record, or a tombstone already: nothing changes. `tombstone.id` is `id`. Afterwards the session is no longer among its user's.
   *
   * With `expectedVersion` null any version will do, so that a session ends at the first attempt however often others write it; the outcome
   * is never 'conflict'.
   */
  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome>;

  /** Removes the entry of an id. True when that was a session, false for a tombstone or nothing. Deleting nothing is no error. */
  delete(id: string): Promise<boolean>;

  /**
   * The records of a user that have not expired at `now`, in no particular order, without tombstones. A session that exists
   * during the whole call is never missed: one that is being rotated is found under its old or its new id.
   *
   * With `lineage`, only the records of that lineage. The cost of that does not depend on how many sessions the user has.
   */
  ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]>;

  /**
   * Ends a user's sessions, expired ones too, and returns their ids. `except` names the session that stays, with all records of its lineage: by its
   * lineage, or by its present id. Tombstones stay.
   *
   * With a `limit`, a call ends at most that many; fewer than `limit` ids mean that none are left. A call that fails may have ended some; repeat it.
   * A session that is being rotated meanwhile does not slip through the call that leaves none: either its new record ends too, or `retire` of the old
   * one answers 'gone'.
   */
  deleteOfUser(uid: string, except?: string, options?: EndOfUser): Promise<readonly string[]>;

  /**
   * Removes up to `limit` records and tombstones with `expiresAt <= now`, and reports them. Fewer than `limit` mean that no others are left. May run in
   * several processes at once: none removes what another did. A backend that drops expired entries by itself returns none. The time that a call takes
   * depends on what it removes, not on how many entries there are.
   */
  sweep(now: number, limit: number): Promise<readonly Swept[]>;

  /**
   * Removes every session and tombstone; returns how many sessions, where that is known. One that is being rotated does not slip through either. May be absent:
   * then everyone's sessions can be ended through a RevocationList only.
   */
  deleteAll?(): Promise<number | undefined>;

  /** Frees what the store itself made; a client that it was given stays open. Operations reject with StoreUnavailable from then on. Closing twice is no error. */
  close(): Promise<void>;
}
