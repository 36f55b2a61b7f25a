import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionAlreadyExists } from '../../errors.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { isId, isUid } from '../shared/names.js';
import { asSwept, isSession } from '../shared/rows.js';
import { Connection } from './connection.js';
import { changesOf, checkOpen, rowsOf, type SqliteStatement, type SqliteValue } from './database.js';
import { unavailable } from './failure.js';
import { checkFileSystem, fileOf } from './location.js';
import { readSqliteStoreOptions, type SqliteStoreOptions } from './options.js';
import { rows } from './rows.js';
import { migrate } from './schema.js';
import type { Statements } from './statements.js';
import { storedText } from './text.js';

/** Rows in one statement that concerns many: the loop is free between two of them. */
const BATCH = 100;

/**
 * Sessions in a SQLite file, shared by all processes of one machine. Call `migrate()` before the first use.
 *
 * The file is in WAL mode: beside it are `-wal` and `-shm`, which belong to it. A process may crash at any moment without loss.
 */
export class SqliteStore implements Store {
  readonly reach: 'process' | 'instances';
  readonly #connection: Connection;
  readonly #table: string;

  /** @throws TypeError naming the option that is wrong, also for a file on a network file system @throws StoreUnavailable for a closed database */
  constructor(options: SqliteStoreOptions) {
    const { database, table, durability, deadline } = readSqliteStoreOptions(options);
    this.#table = table;
    try {
      checkOpen(database);
      const file = fileOf(database);
      checkFileSystem(file);
      this.reach = file === '' ? 'process' : 'instances';
      this.#connection = new Connection(database, table, durability, deadline);
    } catch (error) {
      throw error instanceof TypeError ? error : unavailable(error);
    }
  }

  /**
   * Creates the table, or brings it to what this release needs, and switches the file to WAL mode; does nothing when that is done. Any number of
   * processes may call it at once. @throws StoreUnavailable
   */
  async migrate(): Promise<void> {
    const { database } = this.#connection;
    await this.#connection.run(() => database.exec('PRAGMA journal_mode = WAL'));
    await this.#connection.change(() => migrate(database, this.#table));
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

  /** As in the port. A rotation keeps the lineage, and all records of one lineage are read together, so that none is missed between two pages. */
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
    // Once: the session that stays may be rotated between two batches.
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

  /** As in the port, a part at a time: a session that begins meanwhile may end too. */
  async deleteAll(): Promise<number> {
    let sessions = 0;
    for (;;) {
      const removed = await this.#connection.end(({ deleteAny }) => rowsOf(deleteAny, BATCH));
      sessions += removed.filter(isSession).length;
      if (removed.length < BATCH) return sessions;
      await nextTurn();
    }
  }

  /** As in the port; the database stays open. */
  async close(): Promise<void> {
    this.#connection.close();
  }
}

function hasSession(look: SqliteStatement, id: string): boolean {
  const [row] = rowsOf(look, id);
  return row !== undefined && isSession(row);
}

/** `which`: the uid, two lineages that stay, and how many at most. */
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
