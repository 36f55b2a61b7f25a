import type { NewRevocation, Revocation, RevocationLog, RevocationReaders } from '../../ports/revocation-log.js';
import { Connection } from './connection.js';
import { Appender } from './revocation-log/appender.js';
import { readSqliteRevocationLogOptions, type SqliteRevocationLogOptions } from './revocation-log/options.js';
import { SqliteReaders } from './revocation-log/readers.js';
import { Reads } from './revocation-log/reads.js';
import { REVOCATIONS } from './revocation-log/schema.js';
import { type LogStatements, logStatements } from './revocation-log/statements.js';
import { SameFile } from './same-file.js';
import { migrate } from './schema.js';

/**
 * A revocation log in a SQLite file, for the processes of one machine. A restart forgets no revocation. Call `migrate()` before the first use.
 *
 * The file is in WAL mode: the files `-wal` and `-shm` beside it belong to it. By default, an acknowledged revocation survives a power loss. Other
 * processes read it within `pollInterval`. Appending removes entries that are no longer needed, in small batches.
 *
 * When the table was emptied or made anew, `read` throws LogPositionLost. When the file was removed or replaced, everything rejects with
 * StoreUnavailable until the application opens the new file, because SQLite would write to the removed one.
 */
export class SqliteRevocationLog implements RevocationLog {
  /** 'process' for a database in memory. */
  readonly guarantee: 'process' | 'log';
  readonly readers: RevocationReaders;
  readonly #connection: Connection<LogStatements>;
  readonly #table: string;
  readonly #appender: Appender;
  readonly #reads: Reads;

  /** @throws TypeError naming the option that is wrong, or for a file on a network file system @throws StoreUnavailable when the database is closed */
  constructor(options: SqliteRevocationLogOptions) {
    const given = readSqliteRevocationLogOptions(options);
    this.#table = given.table;
    this.#connection = new Connection('SqliteRevocationLog', given, (database) => logStatements(database, given.table));
    const { file } = this.#connection;
    this.guarantee = file === '' ? 'process' : 'log';
    const sameFile = new SameFile(file);
    const check = (): void => sameFile.check();
    this.readers = new SqliteReaders(this.#connection, check);
    this.#appender = new Appender(this.#connection, check);
    this.#reads = new Reads(this.#connection, check, given.pollInterval);
  }

  /**
   * Creates the tables, or upgrades them to this release, and switches the file to WAL mode. Call it whenever the application starts: it does nothing
   * when the tables are up to date, and several processes may call it at the same time. @throws StoreUnavailable
   */
  async migrate(): Promise<void> {
    await this.#connection.migrate((database) => migrate(database, this.#table, REVOCATIONS));
  }

  /** See the port. */
  async append(entry: NewRevocation): Promise<string> {
    const position = await this.#appender.append(entry);
    this.#reads.wake();
    return position;
  }

  /** See the port. */
  read(after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]> {
    return this.#reads.read(after, signal);
  }

  /** See the port. The database stays open. */
  async close(): Promise<void> {
    this.#reads.close();
    this.#connection.close();
  }
}
