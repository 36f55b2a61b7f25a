import { SessionEnded } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Bounds, Lifetime } from '../../session/expiry.js';
import { refuseEndless } from '../../session/lifetime.js';
import type { ServerSession, ServerSessionHost } from '../../session/server-session.js';
import type { SessionState } from '../../session/session-state.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './options.js';
import type { RecordFacts } from './record-codec.js';
import { idOf, newSid } from './sid.js';

/** Changes a session's data on their way to the store, perhaps more than once. */
export type SessionChange<Data, User> = (sessionData: Data, userData: Partial<User>) => void;

/** What carries out a session's own `save` and `update`. */
export interface HandleOwner<Data, User> {
  readonly settings: ServerSettings;
  readonly sessionClass: typeof ServerSession;
  /** The data that a session begins with; `undefined` when its schema demands more than that. */
  emptyData(): (Data & object) | undefined;
  /** Ends it now, wherever rotations have taken it. */
  end(handle: ServerHandle<Data, User>, reason: string): Promise<void>;
  /** @throws SessionEnded when it is over elsewhere */
  save(handle: ServerHandle<Data, User>, change?: SessionChange<Data, User>): Promise<void>;
}

/** The uid as the application's data mirror it, and whose setting it was. */
export interface Mirrored {
  readonly value: unknown;
  readonly uid: string | undefined;
  readonly authenticatedAt: number | undefined;
}

/** The storage's side of one server-side session: its sid, and what is known to be stored of it. */
export class ServerHandle<Data, User> implements ServerSessionHost<Data, User> {
  readonly owner: HandleOwner<Data, User>;
  readonly state: SessionState<Data, User>;
  readonly session: ServerSession<Data, User>;
  /** The store within the deadline of the call under way. */
  store: GuardedStore;
  /** The store within what opening the session left of the request's deadline, until the session is committed. */
  #opening: GuardedStore | undefined;
  /** What opens the session under its present id; `undefined` when that is not for this client to know. */
  sid: string | undefined;
  /** What the store was last seen to hold; `undefined` before anything is stored. */
  stored: RecordFacts<Data, User> | undefined;
  isAlias: boolean;
  over: string | undefined;
  /** See {@link RecordFacts.order}. */
  order: number;
  /** It has signed in, and it is not sure yet that its user has no session too many. */
  isLimitDue: boolean;
  mirrored: Mirrored;
  #last: Promise<unknown> | undefined;

  constructor(
    owner: HandleOwner<Data, User>,
    state: SessionState<Data, User>,
    store: GuardedStore,
    {
      sid,
      stored,
      isAlias,
    }: { sid: string | undefined; stored: RecordFacts<Data, User> | undefined; isAlias: boolean },
  ) {
    this.owner = owner;
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
    this.session = new owner.sessionClass(state, this);
  }

  get clock(): Clock {
    return this.owner.settings.clock;
  }

  get bounds(): Bounds {
    return this.owner.settings.bounds;
  }

  /** For a call of the application's. */
  beginCall(): void {
    this.store = this.store.afresh();
  }

  /** For the end of the request, whose deadline began with its opening. */
  beginCommit(): void {
    this.store = this.#opening ?? this.store.afresh();
    this.#opening = undefined;
  }

  newId(): string {
    this.sid = newSid();
    return idOf(this.sid);
  }

  since(uid: string | undefined, now: number): number {
    return this.owner.settings.revocations?.after(uid, now) ?? now;
  }

  admitLifetime(_state: SessionState<Data, User>, life: Lifetime | undefined): void {
    refuseEndless(this.bounds, life);
  }

  forClient(): string {
    if (this.sid === undefined || this.isAlias || this.over !== undefined || this.state.withheld) {
      throw new SessionEnded(this.over ?? SUPERSEDED);
    }
    return this.sid;
  }

  save(): Promise<void> {
    return this.owner.save(this);
  }

  update(change: (data: Data) => void): Promise<void> {
    return this.owner.save(this, (data) => change(data));
  }

  /** Takes who is signed in for what the application's data already say. */
  noteMirrored(): void {
    this.mirrored = mirroredIn(this.state);
  }

  renew(): void {
    const { state, session, clock } = this;
    session.setUser(null, { keep: [] });
    const data = this.owner.emptyData();
    if (data !== undefined) state.sessionData.replace(data);
    state.lineage = state.id;
    state.created = state.lastAccess = state.lastUpdate = clock.now();
    state.life = undefined;
    state.info = undefined;
    this.noteMirrored();
  }

  end(reason: string): Promise<void> {
    return this.owner.end(this, reason);
  }

  /** Writes of one session, begun without waiting for each other, happen one after the other. */
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
  uid: string | undefined;
  authenticatedAt: number | undefined;
}): Mirrored {
  return { value: uid, uid, authenticatedAt };
}
