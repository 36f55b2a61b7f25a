import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';
import { Slices } from '../shared/slices.js';
import type { SqliteDatabase } from './database.js';
import { type Durability, durably, settingOf } from './durability.js';
import { isBusy, unavailable } from './failure.js';

/** ms to the next attempt where another connection writes: at first, and at most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 20;
/** Bytes: the log is cut back to this after it has grown beyond, as it does while a reader is stopped. */
const LOG_SIZE = 16 * 1024 * 1024;

/**
 * The application's database with a deadline. SQLite does everything at once, in the turn of the event loop that asks for it. Therefore it never
 * waits for a lock here: an operation that finds the database busy tries again in a later turn. And many operations at once are
 * divided among turns.
 */
export class Connection {
  readonly database: SqliteDatabase;
  readonly #durability: Durability;
  readonly #deadline: number;
  readonly #slices = new Slices();
  #isClosed = false;

  constructor(database: SqliteDatabase, durability: Durability, deadline: number) {
    this.database = database;
    this.#durability = durability;
    this.#deadline = deadline;
    database.exec(`PRAGMA busy_timeout = 0; PRAGMA journal_size_limit = ${LOG_SIZE}; ${settingOf(durability)}`);
  }

  /**
   * The outcome of `work`, which must be one statement, or safe to begin again after any of them.
   * @throws StoreUnavailable when SQLite fails, when it is busy until the deadline, and after `close`
   */
  async run<Result>(work: () => Result): Promise<Result> {
    while (this.#slices.spend(1)) await nextTurn();
    const start = performance.now();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      if (this.#isClosed) throw new StoreUnavailable('the SqliteStore was closed');
      // What is written in a transaction of the application's goes when that is rolled back.
      if (!this.#isInTransaction) {
        try {
          return work();
        } catch (error) {
          if (!isBusy(error)) throw unavailable(error);
        }
      }
      if (performance.now() - start >= this.#deadline) {
        throw new StoreUnavailable(`SQLite was busy for ${this.#deadline} ms`);
      }
      await delay(pause * (0.5 + Math.random() / 2));
    }
  }

  /** The same for the end of sessions, as durably as was asked for. */
  end<Result>(work: () => Result): Promise<Result> {
    return this.run(() => durably(this.database, this.#durability, work));
  }

  close(): void {
    this.#isClosed = true;
  }

  get #isInTransaction(): boolean {
    return this.database.isTransaction ?? this.database.inTransaction ?? false;
  }
}
