import { SessionAlreadyExists } from '../../errors.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { isId, isUid } from '../shared/names.js';
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

/** ms for `migrate`, which in a later release may have an index to build. */
const LONG = 60_000;
/** Sessions of a user in one round trip, after which the event loop is free. */
const PAGE = 200;

/**
 * Sessions in a table of PostgreSQL, for any number of processes. Call `migrate()` before the first use, and `sweep` now and then.
 *
 * Every operation is one statement in one round trip, prepared once a connection; behind a proxy that does not keep prepared
 * statements (PgBouncer in transaction mode, by its settings) the store finds out and goes on without. The database's encoding must be
 * UTF8. Rights needed: SELECT, INSERT, UPDATE and DELETE on the table; those to create tables only where `migrate` has something to do.
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
   * Creates the table, or brings it to what this release needs; does nothing when it is so already or newer. May be called by any number of
   * processes at once. What it runs is in `schema.js` beside this file. @throws StoreUnavailable, also when a table of this name is
   * there that is none of this package's; after 60 s at the latest
   */
  async migrate(): Promise<void> {
    await this.#connection.perform((run) => run({ text: migration(this.#table) }, []), LONG);
  }

  create(record: SessionRecord): Promise<void> {
    return this.#connection.perform(async (run) => {
      const { id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt } = record;
      const values = [id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt];
      const rows = await run(this.#statements.create, values);
      if (rows.length === 0) throw new SessionAlreadyExists();
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
   * As in the port. Reads page by page, each of which has the deadline to itself. Pages are in the order of lineages, because a rotation changes the id and
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
   * As in the port, but for entries that are being written to, or removed by another process, at that moment: they are passed over, and
   * left for the next time where they are not gone by then. Each batch has the deadline to itself.
   */
  sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return this.#sweeping.sweep(now, limit, ({ rows, most, from, to }) => {
      return this.#connection.perform((run) => run(this.#statements.sweep, [now, rows, most, from, to]));
    });
  }

  /**
   * As in the port. No session can be written to meanwhile, about 1 s for a million of them; all can be read. It has 60 s, whatever the
   * deadline and the pool's `statement_timeout`; what takes longer is given up by the caller, and done all the same.
   */
  deleteAll(): Promise<number> {
    return this.#connection.perform(async (run) => {
      const [row] = await run(this.#statements.deleteAll, []);
      return Number(row?.['sessions']);
    }, LONG);
  }

  /** As in the port; the Pool or Client stays open. */
  async close(): Promise<void> {
    this.#connection.close();
  }

  #write(id: string, statement: Statement, values: PostgresValue[]): Promise<WriteOutcome> {
    return this.#connection.perform(async (run) => (isId(id) ? guardedWrite(() => run(statement, values)) : 'gone'));
  }
}

/** As the statements that write one take it. */
function tombstoneValues({ retired, expiresAt }: Omit<Retired, 'id'>): PostgresValue[] {
  const reason = retired.reason === undefined ? null : JSON.stringify(retired.reason);
  return [retired.successor, retired.at, reason, expiresAt];
}
