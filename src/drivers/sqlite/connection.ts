import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';
import { Slices } from '../shared/slices.js';
import { checkOpen, type SqliteDatabase } from './database.js';
import { claimDurability, type Durability, durably, settingOf } from './durability.js';
import { isBusy, unavailable } from './failure.js';
import { checkFileSystem, fileOf } from './location.js';

/** ms until the next attempt while another connection writes: at first, and at most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 20;
/** Bytes to which the write-ahead log is truncated after it grew, as it does while a reader is stopped. */
const LOG_SIZE = 16 * 1024 * 1024;

/** The options that decide how operations run. */
export interface ConnectionOptions {
  readonly database: SqliteDatabase;
  readonly durability: Durability;
  readonly deadline: number;
}

/**
 * Runs operations on the application's database, with a deadline. SQLite is synchronous and would block the event loop while it waits for a
 * lock. So it never waits here: an operation that finds the database busy is tried again in a later turn. Many concurrent operations are divided
 * among turns.
 */
export class Connection<Statements> {
  /** The path of the file; '' for a database in memory or a temporary one. */
  readonly file: string;
  readonly #owner: string;
  readonly #database: SqliteDatabase;
  readonly #prepare: (database: SqliteDatabase) => Statements;
  readonly #durability: Durability;
  readonly #deadline: number;
  readonly #slices = new Slices();
  /** Operations that must wait for a later turn, in the order of their calls. */
  readonly #waiting = new Set<() => void>();
  #statements: Statements | undefined;
  #isSet = false;
  #isClosed = false;

  /**
   * @param owner the class that the application made, for messages
   * @throws TypeError for a database that cannot be used @throws StoreUnavailable when the database is closed
   */
  constructor(owner: string, options: ConnectionOptions, prepare: (database: SqliteDatabase) => Statements) {
    this.#owner = owner;
    this.#database = options.database;
    this.#durability = options.durability;
    this.#deadline = options.deadline;
    this.#prepare = prepare;
    try {
      checkOpen(this.#database);
      this.file = fileOf(this.#database, owner);
      checkFileSystem(this.file, owner);
      claimDurability(this.#database, this.#durability, owner);
    } catch (error) {
      throw error instanceof TypeError ? error : unavailable(error);
    }
  }

  /**
   * Runs `work`, and runs it again as a whole while the database is busy.
   * @throws StoreUnavailable when SQLite fails, when `work` cannot run before the deadline, and after `close`
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const giveUp = performance.now() + this.#deadline;
    if (this.#waiting.size > 0 || this.#slices.spend(1)) await this.#turn();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      if (this.#isClosed) throw new StoreUnavailable(`the ${this.#owner} was closed`);
      checkOpen(this.#database);
      // The caller has given up, too: nobody waits for the result.
      if (performance.now() >= giveUp) throw new StoreUnavailable(`SQLite was busy for ${this.#deadline} ms`);
      try {
        // A rollback of the application's transaction would undo what is written in it.
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
      // The operation runs before this continues. Until then, later operations must wait behind it.
      await undefined;
      this.#waiting.delete(next);
    }
  }

  /** Reads with the prepared statements. */
  read<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => work(this.#prepared));
  }

  /** Writes with the prepared statements, in one transaction. */
  write<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => this.#inTransaction(() => work(this.#prepared)));
  }

  /** Ends sessions with the prepared statements, in one transaction, as durably as the option `durability` says. */
  end<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.run(() => {
      return durably(this.#database, this.#durability, () => this.#inTransaction(() => work(this.#prepared)));
    });
  }

  /** Switches the file to WAL mode, and changes the schema in one transaction. The statements can be prepared only afterwards. */
  async migrate(work: (database: SqliteDatabase) => void): Promise<void> {
    await this.run(() => this.#database.exec('PRAGMA journal_mode = WAL'));
    await this.run(() => this.#inTransaction(() => work(this.#database)));
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Takes the write lock first, so that no prepared statement fails for lack of it. libsql leaves such a statement open, and later writes are
   * then acknowledged but not committed.
   */
  #inTransaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#isInTransaction !== false) this.#rollBack();
      throw error;
    }
  }

  /** After some errors, such as a full disk, SQLite has already rolled back. Not every database says so. */
  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // There is no transaction.
    }
  }

  get #prepared(): Statements {
    this.#statements ??= this.#prepare(this.#database);
    return this.#statements;
  }

  /** Configures the connection. Done at first use, because the database may be busy. */
  #set(): void {
    this.#database.exec(
      `PRAGMA busy_timeout = 0; PRAGMA journal_size_limit = ${LOG_SIZE}; ${settingOf(this.#durability)}`,
    );
    // macOS needs these to write to the disk; elsewhere they do nothing.
    if (this.#durability !== 'crash') this.#database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
    this.#isSet = true;
  }

  /** `undefined` when the database does not say, as `node:sqlite` before Node 22.16. */
  get #isInTransaction(): boolean | undefined {
    return this.#database.isTransaction ?? this.#database.inTransaction;
  }
}
