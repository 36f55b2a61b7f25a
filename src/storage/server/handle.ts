import type { ServerSession } from '../../session/server-session.js';
import type { SessionState } from '../../session/session-state.js';
import type { GuardedStore } from '../guarded-store.js';
import type { RecordFacts } from './record-codec.js';
import { idOf, newSid } from './sid.js';

/** Changes a session's data before a write. It runs again if another request saves first. */
export type SessionChange<Data, User> = (sessionData: Data, userData: Partial<User>) => void;

/** The uid in the application's data (see `authKey`), and the sign-in that wrote it there. */
export interface Mirrored {
  readonly value: unknown;
  readonly uid: string | undefined;
  readonly authenticatedAt: number | undefined;
}

/** What is known about a session when its handle is created. */
export interface Known<Data, User> {
  readonly sid: string | undefined;
  readonly stored: RecordFacts<Data, User> | undefined;
  readonly isAlias: boolean;
  /** Until when an alias may write: ms timestamp; `undefined` = as long as the session lives. */
  readonly aliasUntil?: number | undefined;
  /** Whether the session was found by its names and not by a sid: its client does not take part. Default false. */
  readonly isOutside?: boolean;
}

/** The storage's side of a server-side session: its sid, and its record as last seen. */
export abstract class ServerHandle<Data, User> {
  readonly state: SessionState<Data, User>;
  abstract readonly session: ServerSession<Data, User>;
  /** The store, with the deadline of the current call. */
  store: GuardedStore;
  /** The store with the deadline that opening the session left; `undefined` once the commit has begun. */
  #opening: GuardedStore | undefined;
  /** The sid of the current id; `undefined` if the client must not get it. */
  sid: string | undefined;
  /** The record as last seen; `undefined` before the first write. */
  stored: RecordFacts<Data, User> | undefined;
  /** Whether the sid that opened it was replaced by a rotation. */
  isAlias: boolean;
  /** How often everyone's sessions had been ended in this process when it was opened. */
  everyoneEnded = 0;
  /** See {@link Known.isOutside}. */
  readonly isOutside: boolean;
  /** See {@link Known.aliasUntil}. */
  aliasUntil: number | undefined;
  /** Why the session can no longer be written; `undefined` while it can. */
  over: string | undefined;
  /** See {@link RecordFacts.order}. */
  order: number;
  /** Whether the user has signed in and `maxSessionsPerUser` was not checked yet. */
  isLimitDue: boolean;
  /** Whether a save has failed, and the application was told: its changes are not tried again unasked. */
  hasFailed = false;
  mirrored: Mirrored;
  #last: Promise<unknown> | undefined;

  constructor(
    state: SessionState<Data, User>,
    store: GuardedStore,
    { sid, stored, isAlias, aliasUntil, isOutside }: Known<Data, User>,
  ) {
    this.state = state;
    this.store = store;
    this.#opening = store;
    this.sid = sid;
    this.stored = stored;
    this.isAlias = isAlias;
    this.aliasUntil = aliasUntil;
    this.isOutside = isOutside ?? false;
    this.over = undefined;
    this.order = stored?.order ?? 0;
    this.isLimitDue = false;
    this.mirrored = mirroredIn(state);
  }

  /** Starts a call of the application, which has its own deadline. */
  beginCall(): void {
    this.store = this.store.afresh();
  }

  /** Starts the commit at the end of a request. It shares the deadline of opening the session. */
  beginCommit(): void {
    this.store = this.#opening ?? this.store.afresh();
    this.#opening = undefined;
  }

  /** Makes a new sid and returns its id. */
  newId(): string {
    this.sid = newSid();
    return idOf(this.sid);
  }

  /** Records that the application's data now names the session's current user. */
  noteMirrored(): void {
    this.mirrored = mirroredIn(this.state);
  }

  /** Runs `work` after all earlier work on this session, so that its writes do not overlap. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#last;
    const turn = before === undefined ? work() : before.then(work, work);
    this.#last = turn;
    try {
      return await turn;
    } finally {
      if (this.#last === turn) this.#last = undefined;
    }
  }
}

function mirroredIn({
  uid,
  authenticatedAt,
}: {
  readonly uid: string | undefined;
  readonly authenticatedAt: number | undefined;
}): Mirrored {
  return { value: uid, uid, authenticatedAt };
}
