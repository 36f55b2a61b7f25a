import { SessionEnded, SessionHeadSent } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Bounds, Lifetime } from '../../session/expiry.js';
import { refuseEndless } from '../../session/lifetime.js';
import type { ServerSession, ServerSessionHost } from '../../session/server-session.js';
import { isWithheld, type SessionState } from '../../session/session-state.js';
import type { GuardedStore } from '../guarded-store.js';
import { sinceOf } from '../revocation/lineage.js';
import { SUPERSEDED } from '../revocation/reasons.js';
import type { ServerCommit } from './commit.js';
import { type Known, ServerHandle } from './handle.js';

/** The handle that a server-side session calls for `save`, `update`, `destroy` and `regenerate`. */
export class ServerHost<Data, User> extends ServerHandle<Data, User> implements ServerSessionHost<Data, User> {
  readonly commit: ServerCommit<Data, User>;
  readonly session: ServerSession<Data, User>;

  constructor(
    commit: ServerCommit<Data, User>,
    state: SessionState<Data, User>,
    store: GuardedStore,
    known: Known<Data, User>,
  ) {
    super(state, store, known);
    this.commit = commit;
    this.everyoneEnded = commit.ended.everyone;
    this.session = new commit.sessionClass(state, this);
  }

  get clock(): Clock {
    return this.commit.settings.clock;
  }

  get bounds(): Bounds {
    return this.commit.settings.bounds;
  }

  since(uid: string | undefined, now: number): number {
    return sinceOf(this.commit.settings.revocations, uid, now);
  }

  admitLifetime(_state: SessionState<Data, User>, life: Lifetime | undefined): void {
    refuseEndless(this.bounds, life);
  }

  /** Data can still be saved, if the client has a credential for them. */
  admitLate({ origin }: SessionState<Data, User>, what: string, isCredential: boolean): void {
    if (isCredential || origin === undefined) throw new SessionHeadSent(what);
  }

  forClient(): string {
    if (this.sid === undefined || this.isAlias || this.over !== undefined || isWithheld(this.state)) {
      throw new SessionEnded(this.over ?? SUPERSEDED);
    }
    return this.sid;
  }

  isKnownToBeOver(): boolean {
    return this.over !== undefined || this.commit.isKnownToBeOver(this);
  }

  confirm(): Promise<void> {
    return this.commit.confirm(this);
  }

  save(): Promise<void> {
    return this.commit.save(this);
  }

  update(change: (data: Data) => void): Promise<void> {
    return this.commit.save(this, (data) => change(data));
  }

  renew(): void {
    const { state, session, clock } = this;
    session.setUser(null, { keep: [] });
    const data = this.commit.emptyData();
    if (data !== undefined) state.sessionData.replace(data);
    state.lineage = state.id;
    state.created = state.lastAccess = state.lastUpdate = clock.now();
    state.life = undefined;
    state.info = undefined;
    this.noteMirrored();
  }

  end(reason: string): Promise<void> {
    return this.commit.end(this, reason);
  }
}
