import { SessionError } from '../errors.js';
import { warn } from '../lib/warn.js';
import type { SessionFollower } from '../session/session-state.js';
import { factsOf } from '../storage/events.js';
import type { OpenedSession, SessionSource } from '../storage/session-source.js';
import type { Ending } from './exchange.js';

/**
 * Settles what a request does to its session after the head of its response was sent, or without sending one: when the response
 * is over, data are saved and the session ends, as far as the storage can do that without a new credential. What is lost is
 * reported by the event `lost-write`, and once by a warning.
 *
 * A request that does not use the data of its session, nor changes it, costs nothing here.
 */
export class LateChanges<Kind extends OpenedSession> implements SessionFollower {
  readonly #source: SessionSource<Kind>;
  readonly #ending: Ending;
  readonly #session: Kind;
  #commit: Promise<unknown> | undefined;
  #isGivenUp = false;
  #isWaiting = false;

  constructor(source: SessionSource<Kind>, ending: Ending, session: Kind) {
    this.#source = source;
    this.#ending = ending;
    this.#session = session;
    session.follow(this);
  }

  /** The commit before the head. Later changes are settled after it. */
  committing(commit: Promise<unknown>): void {
    this.#commit = commit.catch(() => this.giveUp());
  }

  /** The loss was reported, as an error or an event: what could not be saved is not tried again. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  used(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#ending.onceOver(() => this.#settle(false));
  }

  revokedLate(): void {
    this.#settle(true);
  }

  #settle(isRevoked: boolean): void {
    this.#isWaiting = false;
    if (this.#commit === undefined) this.#finish(isRevoked);
    else void this.#commit.then(() => this.#finish(isRevoked));
  }

  /** Mostly there is nothing to do, which takes no promise. */
  #finish(isRevoked: boolean): void {
    if (this.#isGivenUp && !isRevoked) return;
    try {
      this.#source.commitLate(this.#session)?.then(undefined, (error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#report(error instanceof SessionError ? error.code : 'ERR_SESSION_STORE_UNAVAILABLE');
  }

  #report(code: string): void {
    this.#source.events.emit('lost-write', { ...factsOf(this.#session), code });
    const told = toldOf.get(this.#source) ?? new Set();
    if (told.has(code)) return;
    toldOf.set(this.#source, told.add(code));
    warn(
      'SESSIONS_LOST_WRITE',
      `a change of a session was lost (${code}): ${CAUSES[code] ?? 'the storage could not save it'}`,
    );
  }
}

/** The codes that a warning has named, by storage. */
const toldOf = new WeakMap<object, Set<string>>();

const CAUSES: Readonly<Record<string, string>> = {
  ERR_SESSION_HEAD_SENT:
    'it was made after the head of the response was sent, or the response was never sent. Change the session before the response begins, and return a response from handlers that may throw',
};
