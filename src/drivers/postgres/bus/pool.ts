import type { PostgresPool } from '../pool.js';

/** The part of a client of a `pg` Pool that hears messages. */
export interface PostgresListener extends PostgresPool {
  /** Adds a listener of an event. */
  on(event: 'notification' | 'error' | 'end', listener: () => void): unknown;
  /** `true` closes the connection. */
  release(isBroken?: boolean): void;
}

/** The part of a `pg` Pool that a PostgresBus uses. */
export interface PostgresBusPool extends PostgresPool {
  /** Checks out a client. */
  connect(): Promise<PostgresListener>;
}
