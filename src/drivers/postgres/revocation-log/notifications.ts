import { setTimeout as delay } from 'node:timers/promises';
import { hasMethods } from '../../../lib/strict-options.js';
import type { PostgresBusPool, PostgresListener } from '../bus/pool.js';
import { Connection } from '../connection.js';
import type { PostgresPool } from '../pool.js';

/** ms between attempts to listen, and between checks whether the connection still answers. */
const PATIENCE = 10_000;
/** ms for which notifications are collected: many appends at once are read together. */
const GAP = 10;

/**
 * Listens for notifications while the log is read. They are only hints: without them, as through a proxy that shares connections, readers wait for the whole
 * interval. So a failure here is no failure of the log.
 */
export class Notifications {
  /** The number of notifications so far. */
  count = 0;
  readonly #pool: PostgresBusPool | undefined;
  readonly #listen: string;
  readonly #interval: number;
  readonly #deadline: number;
  readonly #waiting = new Set<() => void>();
  #readers = 0;
  #client: PostgresListener | undefined;
  #connection: Connection | undefined;
  #isOpening = false;
  /** When it last tried to listen, or checked the connection: a time of `performance.now()`. */
  #lastAttempt = Number.NEGATIVE_INFINITY;

  constructor(pool: PostgresPool | PostgresBusPool, channel: string, interval: number, deadline: number) {
    this.#pool = canListen(pool) ? pool : undefined;
    this.#listen = `LISTEN "${channel}"`;
    this.#interval = interval;
    this.#deadline = deadline;
  }

  /** To be called when a read begins, and `leave` when it ends. */
  join(): void {
    this.#readers += 1;
    this.#attend();
  }

  leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.#drop();
    this.#lastAttempt = Number.NEGATIVE_INFINITY;
  }

  /** Resolves when there were more than `heard` notifications, and after the interval. @throws when `signal` aborts */
  async next(heard: number, signal: AbortSignal): Promise<void> {
    this.#attend();
    const isHeard = new AbortController();
    const wake = (): void => isHeard.abort();
    this.#waiting.add(wake);
    if (this.count > heard) wake();
    try {
      const ending = AbortSignal.any([signal, isHeard.signal]);
      await delay(this.#interval, undefined, { signal: ending, ref: false });
    } catch {
      await delay(Math.min(GAP, this.#interval), undefined, { signal, ref: false });
    } finally {
      this.#waiting.delete(wake);
    }
  }

  #attend(): void {
    const now = performance.now();
    if (this.#pool === undefined || this.#readers === 0 || this.#isOpening) return;
    if (now - this.#lastAttempt < PATIENCE) return;
    this.#lastAttempt = now;
    void (this.#connection === undefined ? this.#open(this.#pool) : this.#check(this.#connection));
  }

  /** A connection may have died silently. */
  async #check(connection: Connection): Promise<void> {
    try {
      await connection.perform((run) => run({ text: this.#listen }, []));
    } catch {
      if (this.#connection === connection) this.#drop();
    }
  }

  async #open(pool: PostgresBusPool): Promise<void> {
    this.#isOpening = true;
    try {
      const client = await pool.connect();
      if (this.#readers === 0) return client.release();
      const lost = (): void => {
        if (this.#client === client) this.#drop();
      };
      client.on('notification', () => this.#notified());
      client.on('error', lost);
      client.on('end', lost);
      this.#client = client;
      this.#connection = new Connection(client, this.#deadline);
      await this.#check(this.#connection);
      // What was appended before is not notified. Also, all reads may have ended meanwhile, and others begun, which need another connection.
      this.#notified();
    } catch {
      // The next attempt may succeed.
    } finally {
      this.#isOpening = false;
    }
  }

  #notified(): void {
    this.count += 1;
    for (const wake of this.#waiting) wake();
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#connection = undefined;
    // Closed, because it listens: the pool must not give it to others.
    client?.release(true);
  }
}

/** Whether it is a Pool rather than a Client, and has another connection for queries. */
function canListen(pool: PostgresPool | PostgresBusPool): pool is PostgresBusPool {
  const options: unknown = Reflect.get(pool, 'options');
  return (
    hasMethods(pool, 'connect') && !hasMethods(pool, 'escapeIdentifier') && Reflect.get(Object(options), 'max') !== 1
  );
}
