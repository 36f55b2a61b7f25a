import { checkFolder, madeFolder } from './folder.js';
import { open, type RootDatabase } from './lmdb.js';
import { Tables } from './tables.js';

const environments = new Map<string, Environment>();

/**
 * An open database, one for each folder however often it is opened in this process: lmdb opens a database in a transaction that it waits
 * for, and would wait for ever when this process has another one under way.
 */
export class Environment {
  readonly #folder: string;
  readonly #root: RootDatabase;
  readonly #tables: Tables;
  readonly #writes = new Set<Promise<unknown>>();
  #holders = 0;
  #closing: Promise<void> | undefined;

  private constructor(folder: string) {
    checkFolder(folder);
    this.#folder = folder;
    this.#root = open({
      path: folder,
      noSubdir: false,
      maxDbs: 3,
      permissionsMode: 0o600,
      // Else lmdb makes a promise for each turn of the loop that nobody can catch when a commit fails.
      eventTurnBatching: false,
    });
    this.#tables = new Tables(this.#root);
  }

  /** To be released as often as it was acquired. */
  static acquire(path: string): Environment {
    const folder = madeFolder(path);
    const environment = environments.get(folder) ?? new Environment(folder);
    environments.set(folder, environment);
    environment.#holders += 1;
    return environment;
  }

  /** What `work` comes to on the newest state, in one snapshot of it. */
  read<Value>(work: (tables: Tables) => Value): Value {
    // lmdb keeps a snapshot until the next turn of the loop, and other processes may have written since.
    this.#root.resetReadTxn();
    return work(this.#tables);
  }

  /** What `work` comes to when nobody writes meanwhile; resolves when it is on the disk. */
  async write<Value>(work: (tables: Tables) => Value): Promise<Value> {
    const writing = this.#root.transaction(() => work(this.#tables));
    this.#writes.add(writing);
    try {
      return await writing;
    } finally {
      this.#writes.delete(writing);
    }
  }

  /** Closes it after the writes under way, when nobody holds it any more. */
  async release(): Promise<void> {
    this.#holders -= 1;
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
    if (this.#holders > 0) return;
    if (environments.get(this.#folder) === this) environments.delete(this.#folder);
    this.#closing ??= this.#root.close();
    await this.#closing;
  }
}
