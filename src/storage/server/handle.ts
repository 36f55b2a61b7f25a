import type { ServerSession } from '../../session/server-session.js';
import type { SessionState } from '../../session/session-state.js';
import type { GuardedStore } from './guarded-store.js';
import type { RecordFacts } from './record-codec.js';
import { idOf, newSid } from './sid.js';

/** Changes a session's data before a write. It runs again if another request saves first. */
export type SessionChange<Data, User> = (sessionData: Data, userData: Partial<User>) => void;

/** The uid in the application's data (see `authKey`), and the sign-in that put it there. */
export interface Mirrored {
  readonly value: unknown;
  readonly uid: string | undefined;
  readonly authenticatedAt: number | undefined;
}

/** What is known of a session when its handle is made. */
export interface Known<Data, User> {
  readonly sid: string | undefined;
  readonly stored: RecordFacts<Data, User> | undefined;
  readonly isAlias: boolean;
}

/** The storage's side of one server-side session: its sid, and what the store was last seen to hold. */
export abstract class ServerHandle<Data, User> {
  readonly state: SessionState<Data, User>;
  abstract readonly session: ServerSession<Data, User>;
  /** The store, with the deadline of the present call. */
  store: GuardedStore;
  /** The store, with what opening the session left of the request's deadline; until the session is committed. */
  #opening: GuardedStore | undefined;
  /** The sid of the present id; `undefined` when this client must not get it. */
  sid: string | undefined;
  /** The record as last seen; `undefined` before the first write. */
  stored: RecordFacts<Data, User> | undefined;
  /** Whether a sid opened it that a rotation has replaced. */
  isAlias: boolean;
  /** Why nothing more can be written; `undefined` while it can. */
  over: string | undefined;
  /** See {@link RecordFacts.order}. */
  order: number;
  /** Whether it has signed in and its user was not yet checked for too many sessions. */
  isLimitDue: boolean;
  mirrored: Mirrored;
  #last: Promise<unknown> | undefined;

  constructor(state: SessionState<Data, User>, store: GuardedStore, { sid, stored, isAlias }: Known<Data, User>) {
    this.state = state;
    this.store = store;
    this.#opening = store;
    this.sid = sid;
    this.stored = stored;
    this.isAlias = isAlias;
    this.over = undefined;
    this.order = stored?.order ?? 0;
    this.isLimitDue = false;
    this.mirrored = mirroredIn(state);
  }

  /** Begins a call of the application, which has a deadline of its own. */
  beginCall(): void {
    this.store = this.store.afresh();
  }

  /** Begins the commit at the end of a request, which shares the deadline of opening the session. */
  beginCommit(): void {
    this.store = this.#opening ?? this.store.afresh();
    this.#opening = undefined;
  }

  /** A new id, whose sid is from now on the session's. */
  newId(): string {
    this.sid = newSid();
    return idOf(this.sid);
  }

  /** Makes the present user the one that the application's data name. */
  noteMirrored(): void {
    this.mirrored = mirroredIn(this.state);
  }

  /** Runs `work` after all earlier work on this session, so that its writes never overlap. */
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
