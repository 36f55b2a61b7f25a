import { expiredReason, withLifetime } from '../session/expiry.js';
import type { SessionModel } from '../session/session.js';
import { hostOf, stateOf } from '../session/session.js';
import { conclude, sendAway } from './closing.js';
import type { Connection } from './connection.js';
import type { LiveStorage, StateOfSession } from './options.js';

/** How often in a row a session may not be answerable before its streams end: the store or the log is away. */
const MOST_UNCHECKED = 2;

/** Asks the storage whether the sessions of streams still live, and ends the streams of those that do not. */
export class Checks {
  readonly #storage: LiveStorage;

  constructor(storage: LiveStorage) {
    this.#storage = storage;
  }

  /**
   * Checks the session of a stream; synchronously if the storage answers at once. Never throws.
   * @param reason why it may have ended, for the client
   */
  check(connection: Connection, reason?: string): void | Promise<void> {
    return this.#checkTogether(connection, [connection], reason);
  }

  /** Checks the sessions of several streams, a stored session once. Resolves when all have been checked. */
  async checkAll(connections: Iterable<Connection>, reason?: string): Promise<void> {
    const checks = this.together(connections).map((group) => this.#checkTogether(group[0], group, reason));
    await Promise.all(checks);
  }

  /** Groups streams that one answer holds for. Each token expires by itself; a stored session is one for all its tabs. */
  together(connections: Iterable<Connection>): [Connection, ...Connection[]][] {
    if (this.#storage.abilities.stateless) return Array.from(connections, (connection) => [connection]);
    const groups = new Map<string, [Connection, ...Connection[]]>();
    for (const connection of connections) {
      const group = groups.get(connection.lineage);
      if (group === undefined) groups.set(connection.lineage, [connection]);
      else group.push(connection);
    }
    return [...groups.values()];
  }

  #checkTogether(one: Connection, group: readonly Connection[], reason: string | undefined): void | Promise<void> {
    if (group.every(({ isOver }) => isOver)) return;
    const apply = (state: StateOfSession): void => {
      for (const connection of group) this.#apply(connection, state, reason);
    };
    const fail = (): void => {
      for (const connection of group) this.#fail(connection);
    };
    try {
      const state = this.#storage.check(one.session);
      return state instanceof Promise ? state.then(apply, fail) : apply(state);
    } catch {
      return fail();
    }
  }

  #apply(connection: Connection, state: StateOfSession, reason: string | undefined): void {
    connection.unchecked = 0;
    if (state === 'live') connection.expires = Number.POSITIVE_INFINITY;
    else if (state !== 'ended') connection.expires = state.expires;
    else this.#end(connection, reason);
  }

  #end(connection: Connection, reason: string | undefined): void {
    const { session } = connection;
    const hasExpired = connection.expires <= this.#storage.clock.now();
    if (!hasExpired) conclude(connection, reason ?? 'ended');
    // The token that opened the stream is too old. The browser may have a newer one of the same session.
    else if (this.#storage.abilities.stateless && !isAbsolute(session)) sendAway(connection, 'expired');
    else conclude(connection, 'expired');
  }

  /** Fails closed: a stream whose session cannot be checked may belong to one that has ended. */
  #fail(connection: Connection): void {
    connection.unchecked += 1;
    if (connection.unchecked >= MOST_UNCHECKED) sendAway(connection, 'unchecked');
  }
}

/** Whether the session has reached a limit that no request extends. */
function isAbsolute(session: SessionModel<unknown, unknown>): boolean {
  const { bounds } = hostOf(session);
  const state = stateOf(session);
  return expiredReason(withLifetime(bounds, state.life), state) === 'absolute';
}
