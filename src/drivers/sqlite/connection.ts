import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';
import { Slices } from '../shared/slices.js';
import { checkOpen, type SqliteDatabase } from './database.js';
import { type Durability, durably, settingOf } from './durability.js';
import { isBusy, unavailable } from './failure.js';
import { type Statements, statementsFor } from './statements.js';

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
  readonly #table: string;
  readonly #durability: Durability;
  readonly #deadline: number;
  readonly #slices = new Slices();
  /** Operations for which there was no time in the turn that asked for them, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #statements: Statements | undefined;
  #isSet = false;
  #isClosed = false;

  constructor(database: SqliteDatabase, table: string, durability: Durability, deadline: number) {
    this.database = database;
    this.#table = table;
    this.#durability = durability;
    this.#deadline = deadline;
  }

  /**
   * The outcome of `work`, which is run again as a whole when the database is busy.
   * @throws StoreUnavailable when SQLite fails, when `work` does not come to its turn before the deadline, and after `close`
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const giveUp = performance.now() + this.#deadline;
    if (this.#waiting.size > 0 || this.#slices.spend(1)) await this.#turn();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      if (this.#isClosed) throw new StoreUnavailable('the SqliteStore was closed');
      checkOpen(this.database);
      // Its caller has given it up as well: nobody waits for it any more.
      if (performance.now() >= giveUp) throw new StoreUnavailable(`SQLite was busy for ${this.#deadline} ms`);
      try {
        // What is written in a transaction of the application's goes when that is rolled back.
        if (this.#isInTransaction !== true) {
          if (!this.#isSet) this.#set();
          return work();
        }
      } catch (error) {
        if (!isBusy(error)) throw unavailable(error);
      }
      await delay(pause * (0.5 + Math.random() / 2));
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      if (this.#waiting.size === 1) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    for (const next of this.#waiting) {
      while (this.#slices.spend(1)) await nextTurn();
      next();
      // It works before this goes on. Until then, whoever comes has to wait behind it.
      await undefined;
      this.#waiting.delete(next);
    }
  }

  /** Reads with one of the prepared statements. */
  read<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => work(this.#prepared));
  }

  /** Writes with the prepared statements, in one transaction. */
  write<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => this.#inTransaction(() => work(this.#prepared)));
  }

  /** Ends sessions, likewise, as durably as was asked for. */
  end<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => {
      return durably(this.database, this.#durability, () => this.#inTransaction(() => work(this.#prepared)));
    });
  }

  /** For changes to the schema, which the prepared statements need first. */
  change(work: () => void): Promise<void> {
    return this.run(() => this.#inTransaction(work));
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Takes the write lock first, so that no prepared statement ever fails for want of it: libsql leaves such a statement open, and what others write
   * meanwhile is then acknowledged and not committed.
   */
  #inTransaction<Result>(work: () => Result): Result {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#isInTransaction !== false) this.#rollBack();
      throw error;
    }
  }

  /** After some errors, such as a full disk, SQLite has done so by itself. Not every database says. */
  #rollBack(): void {
    try {
      this.database.exec('ROLLBACK');
    } catch {
      // There is no transaction.
    }
  }

  get #prepared(): Statements {
    this.#statements ??= statementsFor(this.database, this.#table);
    return this.#statements;
  }

  /** At first use, because it may find the database busy. */
  #set(): void {
    this.database.exec(
      `PRAGMA busy_timeout = 0; PRAGMA journal_size_limit = ${LOG_SIZE}; ${settingOf(this.#durability)}`,
    );
    // On macOS nothing less reaches the disk; elsewhere these do nothing.
    if (this.#durability !== 'crash') this.database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
    this.#isSet = true;
  }

  /** `undefined` for a database that does not say, such as one of `node:sqlite` before Node 22.16. */
  get #isInTransaction(): boolean | undefined {
    return this.database.isTransaction ?? this.database.inTransaction;
  }
}
