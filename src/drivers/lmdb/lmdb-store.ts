import { z } from 'zod';
import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import type { Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { strictOptions } from '../../session/strict-options.js';
import { Environment } from './environment.js';
import { unavailable } from './failure.js';
import { isOver, isSession } from './row.js';
import type { Tables } from './tables.js';

/** Where a {@link LmdbStore} keeps its sessions. */
export interface LmdbStoreOptions {
  /**
   * The folder of the database, on a disk of this machine (no network drive). Made when it is missing, readable by this process's user alone,
   * and so are the files in it. All processes that open the same folder share its sessions; those in containers only when they have one PID
   * namespace, because processes of the same number keep one another from writing.
   */
  readonly path: string;
}

const OPTIONS = z.strictObject({
  path: z
    .string()
    .min(1)
    .refine((path) => !path.includes('\0'), 'a path has no NUL'),
});

/** What is removed in one transaction where much is: this process does nothing else meanwhile, and other writers wait. */
const TOGETHER = 500;

/**
 * Sessions in a file of this machine, through the package `lmdb`: shared by all its processes, and still there after any of them, or all,
 * were killed at any moment. What a resolved promise reported is on the disk.
 */
export class LmdbStore implements Store {
  readonly reach = 'instances';
  readonly #environment: Environment;
  #closing: Promise<void> | undefined;

  /**
   * @throws TypeError naming the option that is wrong
   * @throws StoreUnavailable when the database cannot be opened
   */
  constructor(options: LmdbStoreOptions) {
    const { path } = strictOptions('LmdbStore', OPTIONS, options);
    try {
      this.#environment = Environment.acquire(path);
    } catch (error) {
      throw new StoreUnavailable('the LMDB database cannot be opened', error);
    }
  }

  async create(record: SessionRecord): Promise<void> {
    const isCreated = await this.#write((tables) => {
      if (tables.get(record.id) !== undefined) return false;
      tables.put(record);
      return true;
    });
    if (!isCreated) throw new SessionAlreadyExists();
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const row = await this.#read((tables) => tables.get(id));
    return row === undefined || isOver(row, now) ? undefined : row.entry;
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    return this.#write((tables) => {
      const row = tables.get(record.id);
      if (!isSession(row)) return 'gone';
      if (row.entry.version !== record.version) return 'conflict';
      tables.put(updated(row.entry, record), row);
      return 'ok';
    });
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return this.#write((tables) => {
      const row = tables.get(id);
      if (!isSession(row)) return false;
      const { entry } = row;
      if (lastAccess > entry.lastAccess) tables.put(moved(entry, entry.version, lastAccess, expiresAt), row);
      return true;
    });
  }

  async retire(id: string, expectedVersion: number, tombstone: Retired): Promise<WriteOutcome> {
    return this.#write((tables) => {
      const row = tables.get(id);
      if (!isSession(row)) return 'gone';
      if (row.entry.version !== expectedVersion) return 'conflict';
      tables.put(tombstone, row);
      return 'ok';
    });
  }

  async delete(id: string): Promise<boolean> {
    return this.#write((tables) => {
      const row = tables.get(id);
      if (row !== undefined) tables.remove(row);
      return isSession(row);
    });
  }

  async ofUser(uid: string, now: number): Promise<readonly SessionRecord[]> {
    const rows = await this.#read((tables) => [...tables.ofUser(uid)]);
    return rows.filter((row) => !isOver(row, now)).map(({ entry }) => entry);
  }

  async deleteOfUser(uid: string, exceptId?: string): Promise<readonly string[]> {
    return this.#write((tables) => {
      const spared = exceptId === undefined ? undefined : tables.get(exceptId);
      const lineage = isSession(spared) ? spared.entry.lineage : undefined;
      const ids: string[] = [];
      for (const row of tables.ofUser(uid)) {
        if (row.entry.lineage === lineage) continue;
        tables.remove(row);
        ids.push(row.entry.id);
      }
      return ids;
    });
  }

  async sweep(now: number, limit: number): Promise<readonly Swept[]> {
    const swept: Swept[] = [];
    while (swept.length < limit) {
      const some = Math.min(TOGETHER, limit - swept.length);
      const keys = await this.#read((tables) => tables.due(now, some));
      if (keys.length === 0) break;
      swept.push(...(await this.#write((tables) => settleAll(tables, keys, now))));
    }
    return swept;
  }

  /** As in the port, a part at a time: who signs in meanwhile may be signed out again. */
  async deleteAll(): Promise<number> {
    let sessions = 0;
    for (;;) {
      const some = await this.#write((tables) => tables.removeSome(TOGETHER));
      sessions += some.sessions;
      // This last part left nothing behind, so nothing slipped through. lmdb's own way to empty a table breaks the file.
      if (some.removed < TOGETHER) return sessions;
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#environment.release();
    await this.#closing;
  }

  async #read<Value>(work: (tables: Tables) => Value): Promise<Value> {
    const environment = this.#open();
    try {
      return environment.read(work);
    } catch (error) {
      throw await unavailable(error);
    }
  }

  async #write<Value>(work: (tables: Tables) => Value): Promise<Value> {
    const environment = this.#open();
    try {
      return await environment.write(work);
    } catch (error) {
      throw await unavailable(error);
    }
  }

  #open(): Environment {
    if (this.#closing !== undefined) throw new StoreUnavailable('the LMDB store was closed');
    return this.#environment;
  }
}

/** What an update leaves behind: a later `touch` outlives it. */
function updated(stored: SessionRecord, record: SessionRecord): SessionRecord {
  const isTouched = stored.lastAccess > record.lastAccess;
  const expiresAt = isTouched ? laterOf(stored.expiresAt, record.expiresAt) : record.expiresAt;
  return moved(record, record.version + 1, isTouched ? stored.lastAccess : record.lastAccess, expiresAt);
}

/** As `record`, but for these three. */
function moved(record: SessionRecord, version: number, lastAccess: number, expiresAt: number | null): SessionRecord {
  const { id, lineage, uid, body, created, lastUpdate } = record;
  return { id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt };
}

function laterOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

function settleAll(tables: Tables, keys: readonly string[], now: number): readonly Swept[] {
  return keys.map((key) => tables.settle(key, now)).filter((swept) => swept !== undefined);
}
