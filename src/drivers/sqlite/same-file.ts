import { statSync } from 'node:fs';
import { StoreUnavailable } from '../../errors.js';

/**
 * Notices when the file that a connection has opened is no longer the one that others open. SQLite would go on with the removed file: it reads
 * nothing new, and what it writes is lost.
 */
export class SameFile {
  readonly #path: string;
  readonly #identity: string | undefined;

  /** @param path '' for a database without a file */
  constructor(path: string) {
    this.#path = path;
    this.#identity = path === '' ? undefined : identityOf(path, undefined);
  }

  /** @throws StoreUnavailable when the file was removed or replaced */
  check(): void {
    if (this.#identity === undefined || identityOf(this.#path, this.#identity) === this.#identity) return;
    throw new StoreUnavailable('the SQLite file was removed or replaced: restart the processes that have opened it');
  }
}

/** `undefined` when there is no file; `otherwise` when that cannot be judged, as for a process that gave up its rights. */
function identityOf(path: string, otherwise: string | undefined): string | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat && `${stat.dev}:${stat.ino}`;
  } catch {
    return otherwise;
  }
}
