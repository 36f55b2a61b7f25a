import type { Withheld } from '../../src/session/session-state.js';
import type {
  CommitOptions,
  CommitResult,
  OpenedSession,
  OpenOptions,
  SessionSource,
} from '../../src/storage/session-source.js';
import { nextTurn } from './deferred-head.js';

/**
 * A source that answers as a store would: always with promises, a turn of the event loop later, or not at all.
 * `fail` is what it rejects with; `hold` is called before it commits, and waited for.
 */
export class AsyncSource<Kind extends OpenedSession> implements SessionSource<Kind> {
  readonly #source: SessionSource<Kind>;
  fail: { get?: Error; commit?: Error } = {};
  hold: () => Promise<void> = nextTurn;

  constructor(source: SessionSource<Kind>) {
    this.#source = source;
  }

  get clock(): SessionSource<Kind>['clock'] {
    return this.#source.clock;
  }

  get events(): SessionSource<Kind>['events'] {
    return this.#source.events;
  }

  get acceptsEmpty(): boolean {
    return this.#source.acceptsEmpty;
  }

  async get(sid: string, options?: OpenOptions): Promise<Kind> {
    await nextTurn();
    if (this.fail.get !== undefined) throw this.fail.get;
    return await this.#source.get(sid, options);
  }

  blank(options?: { readonly withheld?: Withheld }): Kind {
    return this.#source.blank(options);
  }

  async commitLate(session: Kind): Promise<void> {
    await nextTurn();
    if (this.fail.commit !== undefined) throw this.fail.commit;
    await this.#source.commitLate(session);
  }

  async endUndecided(sid: string): Promise<void> {
    await this.#source.endUndecided(sid);
  }

  async commit(session: Kind, options?: CommitOptions): Promise<CommitResult> {
    await this.hold();
    if (this.fail.commit !== undefined) throw this.fail.commit;
    return await this.#source.commit(session, options);
  }
}
