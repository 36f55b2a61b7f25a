import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionAlreadyExists } from '../../errors.js';
import { isUid } from '../../lib/uid.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { isId } from '../shared/names.js';
import { asSwept, isSession } from '../shared/rows.js';
import { Connection } from './connection.js';
import { changesOf, rowsOf, type SqliteStatement, type SqliteValue } from './database.js';
import { readSqliteStoreOptions, type SqliteStoreOptions } from './options.js';
import { rows } from './rows.js';
import { migrate, SESSIONS } from './schema.js';
import { type Statements, statementsFor } from './statements.js';
import { storedText } from './text.js';

/** The maximum number of rows per statement. The event loop is free between two statements. */
const BATCH = 100;

/**
 * Stores sessions in a SQLite file. All processes of one machine can share it. Call `migrate()` before the first use.
 *
 * The file is in WAL mode: the files `-wal` and `-shm` beside it belong to it. Acknowledged writes survive a crash of any process.
 */
export class SqliteStore implements Store {
  readonly reach: 'process' | 'instances';
  readonly #connection: Connection<Statements>;
  readonly #table: string;

  /** @throws TypeError naming the option that is wrong, or for a file on a network file system @throws StoreUnavailable when the database is closed */
  constructor(options: SqliteStoreOptions) {
    const given = readSqliteStoreOptions(options);
    this.#table = given.table;
    this.#connection = new Connection('SqliteStore', given, (database) => statementsFor(database, given.table));
    this.reach = this.#connection.file === '' ? 'process' : 'instances';
  }

  /**
   * Creates the table, or upgrades it to this release, and switches the file to WAL mode. Call it whenever the application starts: it does nothing
   * when the table is up to date, and several processes may call it at the same time. @throws StoreUnavailable
   */
  async migrate(): Promise<void> {
    await this.#connection.migrate((database) => migrate(database, this.#table, SESSIONS));
  }

  async create(record: SessionRecord): Promise<void> {
    const { id, lineage, version, uid, created, lastAccess, lastUpdate, expiresAt } = record;
    const body = storedText(record.body);
    const values = [id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt, expiresAt];
    const isCreated = await this.#connection.write(({ create }) => changesOf(create, ...values) === 1);
    if (!isCreated) throw new SessionAlreadyExists();
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    return await this.#connection.read(({ load }) => {
      if (!isId(id)) return undefined;
      const [row] = rowsOf(load, id, now);
      return row && rows.entry(row);
    });
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    const { id, lineage, version, uid, created, lastAccess, lastUpdate, expiresAt } = record;
    const values = [storedText(record.body), created, lastUpdate, lastAccess, expiresAt, expiresAt, lastAccess];
    return await this.#connection.write(({ update, updateAll, look }) => {
      if (!isId(id)) return 'gone';
      if (changesOf(update, ...values, id, version, uid, lineage, expiresAt, expiresAt) === 1) return 'ok';
      const all = [...values, uid, lineage, expiresAt, expiresAt, expiresAt];
      if (changesOf(updateAll, ...all, id, version) === 1) return 'ok';
      return hasSession(look, id) ? 'conflict' : 'gone';
    });
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return await this.#connection.write(({ touch, touchAll, look }) => {
      if (!isId(id)) return false;
      if (changesOf(touch, lastAccess, expiresAt, id, lastAccess, expiresAt, expiresAt) === 1) return true;
      if (changesOf(touchAll, lastAccess, expiresAt, expiresAt, expiresAt, expiresAt, id, lastAccess) === 1)
        return true;
      return hasSession(look, id);
    });
  }

  async retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    const values = tombstoneValues(tombstone);
    return await this.#connection.end(({ retire, look }) => {
      if (!isId(id)) return 'gone';
      if (changesOf(retire, ...values, id, expectedVersion, expectedVersion) === 1) return 'ok';
      return hasSession(look, id) ? 'conflict' : 'gone';
    });
  }

  async delete(id: string): Promise<boolean> {
    return await this.#connection.end((statements) => {
      if (!isId(id)) return false;
      const [row] = rowsOf(statements.delete, id);
      return row !== undefined && isSession(row);
    });
  }

  /** See the port. Reads all records of one lineage in one statement. A rotation keeps the lineage, so no session is missed between two pages. */
  async ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    if (!isUid(uid)) return await this.#connection.read(() => []);
    if (lineage !== undefined) {
      return await this.#connection.read(({ ofLineage }) => {
        return isId(lineage) ? rowsOf(ofLineage, uid, lineage, now).map((row) => rows.record(row)) : [];
      });
    }
    const found: SessionRecord[] = [];
    for (let after = ''; ; ) {
      const page = await this.#connection.read((statements) => {
        const records = rowsOf(statements.page, uid, after, now, BATCH).map((row) => rows.record(row));
        const last = records.at(-1)?.lineage ?? '';
        if (records.length < BATCH) return { records, last, isLast: true };
        const others = records.filter((record) => record.lineage !== last);
        const whole = rowsOf(statements.ofLineage, uid, last, now).map((row) => rows.record(row));
        return { records: [...others, ...whole], last, isLast: false };
      });
      found.push(...page.records);
      if (page.isLast) return found;
      after = page.last;
      await nextTurn();
    }
  }

  async deleteOfUser(uid: string, except = '', { limit, tombstone }: EndOfUser = {}): Promise<readonly string[]> {
    const most = limit ?? Number.POSITIVE_INFINITY;
    const ended: string[] = [];
    if (!isUid(uid)) return await this.#connection.read(() => ended);
    // Looked up once, because the session that stays may be rotated between two batches.
    const spared = await this.#connection.read(({ lineageOf }) => {
      const [row] = isId(except) ? rowsOf(lineageOf, except) : [];
      return [except, String(row?.['lineage'] ?? '')];
    });
    while (ended.length < most) {
      const count = Math.min(BATCH, most - ended.length);
      const ids = await this.#connection.end((statements) => endSome(statements, [uid, ...spared, count], tombstone));
      ended.push(...ids);
      if (ids.length < count) break;
      await nextTurn();
    }
    return ended;
  }

  async sweep(now: number, limit: number): Promise<readonly Swept[]> {
    const swept: Swept[] = [];
    while (swept.length < limit) {
      const count = Math.min(BATCH, limit - swept.length);
      const [removed, refiled] = await this.#connection.write(({ sweep, refile }) => {
        return [rowsOf(sweep, now, count, now), changesOf(refile, now, count, now)];
      });
      for (const row of removed) swept.push(asSwept(row));
      if (removed.length === 0 && refiled === 0) break;
      await nextTurn();
    }
    return swept;
  }

  /** See the port. Removes sessions in batches, so a session that starts meanwhile may be removed too. */
  async deleteAll(): Promise<number> {
    let sessions = 0;
    for (;;) {
      const removed = await this.#connection.end(({ deleteAny }) => rowsOf(deleteAny, BATCH));
      sessions += removed.filter(isSession).length;
      if (removed.length < BATCH) return sessions;
      await nextTurn();
    }
  }

  /** See the port. The database stays open. */
  async close(): Promise<void> {
    this.#connection.close();
  }
}

function hasSession(look: SqliteStatement, id: string): boolean {
  const [row] = rowsOf(look, id);
  return row !== undefined && isSession(row);
}

/** Ends a batch. `which`: the uid, two lineages that stay, and the maximum number. */
function endSome(
  { deleteOfUser, retireOfUser }: Statements,
  which: readonly SqliteValue[],
  tombstone: EndOfUser['tombstone'],
): readonly string[] {
  const ended =
    tombstone === undefined
      ? rowsOf(deleteOfUser, ...which)
      : rowsOf(retireOfUser, ...tombstoneValues(tombstone), ...which);
  return ended.map((row) => String(row['id']));
}

function tombstoneValues({ retired, expiresAt }: Omit<Retired, 'id'>): SqliteValue[] {
  const reason = retired.reason === undefined ? null : storedText(retired.reason);
  return [retired.at, retired.successor, reason, expiresAt, expiresAt, expiresAt, expiresAt];
}
