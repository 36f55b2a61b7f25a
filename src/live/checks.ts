import { setImmediate as nextTurn } from 'node:timers/promises';
import { RevocationsStale } from '../errors.js';
import { expiredReason, withLifetime } from '../session/expiry.js';
import type { SessionModel } from '../session/session.js';
import { hostOf, stateOf } from '../session/session.js';
import type { Closer } from './closer.js';
import type { Connection } from './connection.js';
import type { LiveStorage, StateOfSession } from './options.js';

/** How often in a row a session may not be answerable before its streams end: the store is away. */
const MOST_UNCHECKED = 2;
/** How many sessions the storage is asked for at a time. */
const AT_ONCE = 200;

/** Why the storage cannot tell the state of a session. */
type Unanswered = 'stale' | 'unknown';

type Answer = StateOfSession | Unanswered;

/** Asks the storage whether the sessions of streams still live, and ends the streams of those that do not. */
export class Checks {
  readonly #storage: LiveStorage;
  readonly #closer: Closer;

  constructor(storage: LiveStorage, closer: Closer) {
    this.#storage = storage;
    this.#closer = closer;
  }

  /**
   * Checks the session of a stream; synchronously if the storage answers at once. Never throws.
   * @param reason why it may have ended, for the client
   */
  check(connection: Connection, reason?: string): void | Promise<void> {
    return connection.isOver ? undefined : this.#judge(connection, this.#ask(connection), reason);
  }

  /** Checks the sessions of several streams, a few hundred at a time. Resolves when all have been checked. */
  async checkAll(connections: readonly Connection[], reason?: string): Promise<void> {
    const answers = new Map<string, Answer | Promise<Answer>>();
    for (let start = 0; start < connections.length; start += AT_ONCE) {
      const some = connections.slice(start, start + AT_ONCE).filter(({ isOver }) => !isOver);
      await Promise.all(some.map((connection) => this.#judge(connection, this.#askOnce(connection, answers), reason)));
      await nextTurn();
    }
  }

  /** Each token expires by itself; a stored session is one for all its tabs. */
  #askOnce(connection: Connection, answers: Map<string, Answer | Promise<Answer>>): Answer | Promise<Answer> {
    if (this.#storage.abilities.stateless) return this.#ask(connection);
    const { lineage } = connection;
    const answer = answers.get(lineage) ?? this.#ask(connection);
    answers.set(lineage, answer);
    return answer;
  }

  #ask({ session }: Connection): Answer | Promise<Answer> {
    try {
      const state = this.#storage.check(session);
      return state instanceof Promise ? state.catch(unansweredOf) : state;
    } catch (error) {
      return unansweredOf(error);
    }
  }

  #judge(connection: Connection, answer: Answer | Promise<Answer>, reason: string | undefined): void | Promise<void> {
    if (answer instanceof Promise) return answer.then((state) => this.#apply(connection, state, reason));
    return this.#apply(connection, answer, reason);
  }

  #apply(connection: Connection, state: Answer, reason: string | undefined): void {
    if (state === 'stale' || state === 'unknown') {
      this.#fail(connection, state);
      return;
    }
    connection.unchecked = 0;
    if (state === 'live') connection.expires = Number.POSITIVE_INFINITY;
    else if (state !== 'ended') connection.expires = state.expires;
    else this.#end(connection, reason);
  }

  #end(connection: Connection, reason: string | undefined): void {
    const { session } = connection;
    const hasExpired = connection.expires <= this.#storage.clock.now();
    if (!hasExpired) this.#closer.conclude(connection, reason ?? 'ended');
    // The token that opened the stream is too old. The browser may have a newer one of the same session.
    else if (this.#storage.abilities.stateless && !isAbsolute(session)) this.#closer.sendAway(connection, 'expired');
    else this.#closer.conclude(connection, 'expired');
  }

  /** Fails closed: a stream whose session cannot be checked may belong to one that has ended. */
  #fail(connection: Connection, answer: Unanswered): void {
    connection.unchecked += 1;
    // A stale list has waited for its log for the whole of `bound`.
    const most = answer === 'stale' ? 1 : MOST_UNCHECKED;
    if (connection.unchecked >= most) this.#closer.sendAway(connection, 'unchecked');
  }
}

function unansweredOf(error: unknown): Unanswered {
  return error instanceof RevocationsStale ? 'stale' : 'unknown';
}

/** Whether the session has reached a limit that no request extends. */
function isAbsolute(session: SessionModel<unknown, unknown>): boolean {
  const { bounds } = hostOf(session);
  const state = stateOf(session);
  return expiredReason(withLifetime(bounds, state.life), state) === 'absolute';
}
