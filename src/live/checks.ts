import { setImmediate as nextTurn } from 'node:timers/promises';
import { RevocationsStale } from '../errors.js';
import { expiredReason, withLifetime } from '../session/expiry.js';
import type { SessionModel } from '../session/session.js';
import { hostOf, stateOf } from '../session/session.js';
import type { Closer } from './closer.js';
import type { Connection } from './connection.js';
import type { LiveStorage, StateOfSession } from './options.js';
import { Turns } from './turns.js';

/** How often in a row a session may not be answerable before its streams end: the store is away. */
const MOST_UNCHECKED = 2;
/** How many sessions the storage is asked for at a time. */
const AT_ONCE = 200;

/** Streams that one answer of the storage holds for. */
type Group = [Connection, ...Connection[]];

/** Asks the storage whether the sessions of streams still live, and ends the streams of those that do not. */
export class Checks {
  readonly #storage: LiveStorage;
  readonly #closer: Closer;
  readonly #turns = new Turns(AT_ONCE);

  constructor(storage: LiveStorage, closer: Closer) {
    this.#storage = storage;
    this.#closer = closer;
  }

  /**
   * Checks the session of a stream; synchronously if the storage answers at once. Never throws.
   * @param reason why it may have ended, for the client
   */
  check(connection: Connection, reason?: string): void | Promise<void> {
    return this.#checkTogether([connection], reason);
  }

  /** Checks the sessions of several streams, a few hundred at a time. Resolves when all have been checked. */
  async checkAll(connections: Iterable<Connection>, reason?: string): Promise<void> {
    const groups = this.#together(connections);
    for (let start = 0; start < groups.length; start += AT_ONCE) {
      const some = groups.slice(start, start + AT_ONCE);
      await Promise.all(some.map((group) => this.#checkTogether(group, reason)));
      await nextTurn();
    }
  }

  /**
   * Checks the sessions of several streams of a storage that answers at once: a few in this turn, many over several turns, but each one before anything
   * else is written to it. Resolves when all have been checked.
   */
  checkBeforeWriting(connections: readonly Connection[], reason: string): Promise<void> | undefined {
    if (connections.length <= AT_ONCE) {
      for (const connection of connections) void this.check(connection, reason);
      return undefined;
    }
    for (const connection of connections) connection.suspect(() => void this.check(connection, reason));
    return this.#turns.each(connections, (connection) => connection.resolve());
  }

  /** Groups streams that one answer holds for. Each token expires by itself; a stored session is one for all its tabs. */
  #together(connections: Iterable<Connection>): Group[] {
    if (this.#storage.abilities.stateless) return Array.from(connections, (connection) => [connection]);
    const groups = new Map<string, Group>();
    for (const connection of connections) {
      const group = groups.get(connection.lineage);
      if (group === undefined) groups.set(connection.lineage, [connection]);
      else group.push(connection);
    }
    return [...groups.values()];
  }

  #checkTogether(group: Group, reason: string | undefined): void | Promise<void> {
    if (group.every(({ isOver }) => isOver)) return;
    try {
      const state = this.#storage.check(group[0].session);
      if (!(state instanceof Promise)) return this.#apply(group, state, reason);
      return state.then(
        (answer) => this.#apply(group, answer, reason),
        (error: unknown) => this.#fail(group, error),
      );
    } catch (error) {
      return this.#fail(group, error);
    }
  }

  #apply(group: Group, state: StateOfSession, reason: string | undefined): void {
    for (const connection of group) {
      connection.unchecked = 0;
      if (state === 'live') connection.expires = Number.POSITIVE_INFINITY;
      else if (state !== 'ended') connection.expires = state.expires;
      else this.#end(connection, reason);
    }
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
  #fail(group: Group, error: unknown): void {
    // The list has waited for its log for the whole of `bound`.
    const most = error instanceof RevocationsStale ? 1 : MOST_UNCHECKED;
    for (const connection of group) {
      connection.unchecked += 1;
      if (connection.unchecked >= most) this.#closer.sendAway(connection, 'unchecked');
    }
  }
}

/** Whether the session has reached a limit that no request extends. */
function isAbsolute(session: SessionModel<unknown, unknown>): boolean {
  const { bounds } = hostOf(session);
  const state = stateOf(session);
  return expiredReason(withLifetime(bounds, state.life), state) === 'absolute';
}
