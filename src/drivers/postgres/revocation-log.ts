import { randomInt } from 'node:crypto';
import { newId } from '../../lib/id.js';
import type { NewRevocation, RevocationLog, RevocationReaders } from '../../ports/revocation-log.js';
import { followLog } from '../shared/follow-log.js';
import { textOfPosition } from '../shared/log-position.js';
import { type Batches, LogReads } from '../shared/log-reads.js';
import { NewestEntry } from '../shared/newest-entry.js';
import { lineOf, type RevocationLine } from '../shared/revocation-text.js';
import { WriteGroups } from '../shared/write-groups.js';
import { Connection, STATEMENTS_AT_ONCE } from './connection.js';
import { Notifications } from './revocation-log/notifications.js';
import { type PostgresRevocationLogOptions, readPostgresRevocationLogOptions } from './revocation-log/options.js';
import { PostgresRevocationReaders } from './revocation-log/readers.js';
import { revocationMigration } from './revocation-log/schema.js';
import { PostgresLogSource, partsOf } from './revocation-log/source.js';
import { type RevocationStatements, revocationStatements } from './revocation-log/statements.js';
import { RevocationTables } from './revocation-log/tables.js';

/** ms for `migrate`. */
const LONG = 60_000;
/** Statements under way, and entries in one. */
const GROUPS = { atOnce: STATEMENTS_AT_ONCE, most: 100 };
/** The range of a nonce. */
const RANDOM = 2 ** 31;

/**
 * A log of revocations in a PostgreSQL table, for any number of processes. Call `migrate()` before the first use.
 *
 * Appends of all processes are made one after the other, so that entries become visible in the order of their numbers. What a process appends at the same
 * time shares a statement. A process uses up to two connections of the pool for that.
 *
 * Each read polls once per `pollInterval`, in one round trip, and at once when it is notified (LISTEN). So behind a proxy that shares connections (PgBouncer
 * in transaction mode), entries take up to `pollInterval`.
 *
 * An entry is acknowledged when PostgreSQL has committed it. With `synchronous_commit` off, or in a failover to an asynchronous standby, acknowledged entries
 * can be lost. The next read or append of a process that knew a lost entry notices, also after an older copy was restored, and reads throw LogPositionLost. A
 * RevocationList then appends the entry again. A read fails while the server is a standby.
 *
 * Reads remove entries whose `until` has passed, in small batches, and at the earliest an hour after a later entry was appended. A reader that was away
 * for longer may have to start again.
 */
export class PostgresRevocationLog implements RevocationLog {
  readonly guarantee = 'log';
  readonly readers: RevocationReaders;
  readonly #tables: RevocationTables;
  readonly #connection: Connection;
  readonly #statements: RevocationStatements;
  readonly #notifications: Notifications;
  readonly #newest = new NewestEntry();
  readonly #groups = new WriteGroups<RevocationLine>(GROUPS, (lines) => this.#append(lines));
  readonly #reads = new LogReads('PostgresRevocationLog');

  /** @throws TypeError naming the option that is wrong */
  constructor(options: PostgresRevocationLogOptions) {
    const { pool, table, pollInterval, deadline } = readPostgresRevocationLogOptions(options);
    this.#tables = new RevocationTables(table);
    this.#connection = new Connection(pool, deadline, 'PostgresRevocationLog');
    this.#statements = revocationStatements(this.#tables);
    this.#notifications = new Notifications(pool, this.#tables.channel, pollInterval, deadline);
    this.readers = new PostgresRevocationReaders(this.#connection, this.#statements);
  }

  /**
   * Creates the tables, or upgrades them to this release. Call it whenever the application starts; several processes may call it at the same time.
   * Its deadline is 60 s.
   * @throws StoreUnavailable, also when another application has a table of one of these names
   */
  async migrate(): Promise<void> {
    await this.#connection.perform((run) => run({ text: revocationMigration(this.#tables) }, []), LONG);
  }

  /** See the port. */
  async append(entry: NewRevocation): Promise<string> {
    return await this.#connection.inTime(this.#groups.add(lineOf(entry)));
  }

  /** See the port. */
  read(after: string | null, signal: AbortSignal): Batches {
    return this.#reads.until(signal, (ending) => this.#batches(after, ending));
  }

  /** See the port. The Pool stays open. */
  async close(): Promise<void> {
    this.#connection.close();
    this.#reads.close();
  }

  async #append(lines: readonly RevocationLine[]): Promise<string[]> {
    const known = this.#newest.sure;
    const given = JSON.stringify(lines.map(({ due, text }) => [due, text]));
    const values = [newId(), randomInt(RANDOM), given, ...partsOf(known?.entry), known?.log ?? ''];
    const [row] = await this.#connection.perform((run) => run(this.#statements.append, values));
    const log = String(row?.['log']);
    const first = BigInt(String(row?.['last'])) - BigInt(lines.length - 1);
    const names = lines.map((_, place) => `${first + BigInt(place)}.${row?.['nonce']}`);
    this.#newest.note({ log, entry: names.at(-1) ?? '' });
    return names.map((name) => textOfPosition(log, name));
  }

  async *#batches(after: string | null, signal: AbortSignal): Batches {
    this.#notifications.join();
    try {
      const source = new PostgresLogSource(this.#connection, this.#statements, this.#notifications, signal);
      yield* followLog(source, after, this.#newest, signal);
    } finally {
      this.#notifications.leave();
    }
  }
}
