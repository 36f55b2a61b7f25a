import { SessionAlreadyExists } from '../../errors.js';
import { isUid } from '../../lib/uid.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { isId } from '../shared/names.js';
import { Connection } from './connection.js';
import { deleteOfUser as deleteOfUserIn, type Pass } from './delete-of-user.js';
import { guardedWrite } from './guarded-write.js';
import { type PostgresStoreOptions, readPostgresStoreOptions } from './options.js';
import type { PostgresValue } from './pool.js';
import { rows } from './rows.js';
import { migration } from './schema.js';
import { type Statement, type Statements, statementsFor } from './statements.js';
import { Sweeping } from './sweeping.js';
import { TableName } from './table-name.js';

/** ms for `migrate`, which may build an index, and for `deleteAll`. */
const LONG = 60_000;
/** Sessions of a user per round trip. The event loop is free between two of them. */
const PAGE = 200;

/**
 * Stores sessions in a PostgreSQL table, for any number of processes. Call `migrate()` before the first use. Without a ServerSessionStorage, which
 * sweeps by itself, also call `sweep` regularly.
 *
 * Every operation is one prepared statement in one round trip. Behind a proxy that does not support prepared statements (PgBouncer in
 * transaction mode, depending on its settings), the store detects that and does without. The encoding of the database must be UTF8. The role
 * needs SELECT, INSERT, UPDATE and DELETE on the table; and the right to create tables when `migrate` has something to do.
 */
export class PostgresStore implements Store {
  readonly reach = 'instances';
  readonly #connection: Connection;
  readonly #table: TableName;
  readonly #statements: Statements;
  readonly #sweeping = new Sweeping();

  /** @throws TypeError naming the option that is wrong */
  constructor(options: PostgresStoreOptions) {
    const { pool, table, deadline } = readPostgresStoreOptions(options);
    this.#table = new TableName(table);
    this.#statements = statementsFor(this.#table, deadline);
    this.#connection = new Connection(pool, deadline);
  }

  /**
   * Creates the table, or upgrades it to this release. Call it whenever the application starts: it does nothing when the table is up to date or
   * newer, and several processes may call it at the same time. Its SQL is in `schema.js` beside this file. Its deadline is 60 s.
   * @throws StoreUnavailable, also when another application has a table of this name
   */
  async migrate(): Promise<void> {
    await this.#connection.perform((run) => run({ text: migration(this.#table) }, []), LONG);
  }

  create(record: SessionRecord): Promise<void> {
    return this.#connection.perform(async (run) => {
      const { id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt } = record;
      const values = [id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt];
      const stored = await run(this.#statements.create, values);
      if (stored.length === 0) throw new SessionAlreadyExists();
    });
  }

  load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    return this.#connection.perform(async (run) => {
      if (!isId(id)) return undefined;
      const [row] = await run(this.#statements.load, [id, now]);
      return row && rows.entry(row);
    });
  }

  update(record: SessionRecord): Promise<WriteOutcome> {
    const { id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt } = record;
    const values = [id, version, lineage, uid, body, created, lastUpdate, lastAccess, expiresAt];
    return this.#write(id, this.#statements.update, values);
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return (await this.#write(id, this.#statements.touch, [id, lastAccess, expiresAt])) === 'ok';
  }

  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    return this.#write(id, this.#statements.retire, [id, expectedVersion, ...tombstoneValues(tombstone)]);
  }

  delete(id: string): Promise<boolean> {
    return this.#connection.perform(async (run) => {
      if (!isId(id)) return false;
      const [row] = await run(this.#statements.delete, [id]);
      return row?.['was_session'] === true;
    });
  }

  /**
   * See the port. Reads page by page; each page has a deadline of its own. Pages are in the order of lineages, because a rotation changes the id but
   * keeps the lineage. One statement reads all records of a lineage, so it sees the old record, the new one or both.
   */
  async ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    const found: SessionRecord[] = [];
    for (let after = ''; ; ) {
      const page = await this.#connection.perform(async (run) => {
        if (!isUid(uid)) return [];
        if (lineage === undefined) return run(this.#statements.ofUser, [uid, now, after, PAGE]);
        return isId(lineage) ? run(this.#statements.ofLineage, [uid, now, lineage]) : [];
      });
      for (const row of page) found.push(rows.record(row));
      if (lineage !== undefined || page.length < PAGE) return found;
      after = String(page.at(-1)?.['lineage']);
    }
  }

  async deleteOfUser(uid: string, except = '', { limit, tombstone }: EndOfUser = {}): Promise<readonly string[]> {
    const spared = isId(except) ? except : null;
    const { deleteOfUser, retireOfUser } = this.#statements;
    const pass: Pass = (most, lineage) => {
      return this.#connection.perform(async (run) => {
        if (!isUid(uid)) return [];
        const which = [uid, spared, lineage, most];
        if (tombstone === undefined) return run(deleteOfUser, which);
        return run(retireOfUser, [...which, ...tombstoneValues(tombstone)]);
      });
    };
    return deleteOfUserIn(pass, limit ?? Number.POSITIVE_INFINITY);
  }

  /**
   * See the port, with one exception: it skips entries that another process is writing or removing at that moment, and leaves them to the next call.
   * Each batch has a deadline of its own.
   */
  sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return this.#sweeping.sweep(now, limit, ({ rows, most, from, to }) => {
      return this.#connection.perform((run) => run(this.#statements.sweep, [now, rows, most, from, to]));
    });
  }

  /**
   * See the port. Meanwhile sessions can be read but not written; a million sessions take about 1 s. Its deadline is 60 s, whatever the option
   * `deadline` and the `statement_timeout` of the pool. After that, it rejects, but PostgreSQL still completes it.
   */
  deleteAll(): Promise<number> {
    return this.#connection.perform(async (run) => {
      const [row] = await run(this.#statements.deleteAll, []);
      return Number(row?.['sessions']);
    }, LONG);
  }

  /** See the port. The Pool or Client stays open. */
  async close(): Promise<void> {
    this.#connection.close();
  }

  #write(id: string, statement: Statement, values: PostgresValue[]): Promise<WriteOutcome> {
    return this.#connection.perform(async (run) => (isId(id) ? guardedWrite(() => run(statement, values)) : 'gone'));
  }
}

/** The parameters of a tombstone, in the order of the statements. */
function tombstoneValues({ retired, expiresAt }: Omit<Retired, 'id'>): PostgresValue[] {
  const reason = retired.reason === undefined ? null : JSON.stringify(retired.reason);
  return [retired.successor, retired.at, reason, expiresAt];
}
