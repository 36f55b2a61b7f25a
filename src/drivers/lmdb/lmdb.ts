/**
 * As much of the package `lmdb` as is needed here. It is required and described, not imported: TypeScript does not take the types that
 * lmdb gives its ES module, and they leave out `permissionsMode`.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** A sorted table of texts. */
export interface Database<Key> {
  get(key: Key): string | undefined;
  putSync(key: Key, value: string): void;
  removeSync(key: Key): void;
  /** From `start` on, before `end`. */
  getKeys(range: {
    readonly start?: Key | undefined;
    readonly end?: Key | undefined;
    readonly limit?: number | undefined;
  }): Iterable<Key>;
}

export interface RootDatabase {
  openDB(options: { readonly name: string; readonly encoding: 'string' }): Database<string>;
  openDB(options: {
    readonly name: string;
    readonly encoding: 'string';
    readonly keyEncoding: 'binary';
  }): Database<Buffer>;
  /** What was written before `action` throws stays. */
  transaction<Value>(action: () => Value): Promise<Value>;
  resetReadTxn(): void;
  close(): Promise<void>;
}

interface Lmdb {
  open(options: {
    readonly path: string;
    readonly noSubdir: boolean;
    readonly maxDbs: number;
    readonly permissionsMode: number;
    readonly eventTurnBatching: boolean;
  }): RootDatabase;
}

const lmdb: Lmdb = createRequire(import.meta.url)('lmdb');

export const open: Lmdb['open'] = lmdb.open;
