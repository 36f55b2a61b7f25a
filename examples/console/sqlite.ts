import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SqliteDatabase } from 'sessions-jwt/sqlite';

/** A database, and what closes it: SqliteStore leaves open what it was given. */
export type OpenDatabase = SqliteDatabase & { close(): unknown };

/** Opens the database in a file, which it creates if there is none. */
export type Sqlite = (file: string) => OpenDatabase;

const NOT_FOUND: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * `node:sqlite`, which Node has from 22.13 on, and otherwise the package libsql.
 * @throws Error that says what to do when there is neither
 */
export async function findSqlite(
  builtIn: () => object | undefined = () => process.getBuiltinModule('node:sqlite'),
  importLibsql: () => Promise<{ readonly default: unknown }> = () => import('libsql'),
): Promise<Sqlite> {
  const own = builtIn();
  if (own !== undefined && 'DatabaseSync' in own) return opener(own.DatabaseSync);
  try {
    return opener((await importLibsql()).default);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NOT_FOUND.includes(error.code))) throw error;
    throw new Error(
      `Sessions cannot be kept in SQLite: Node ${process.versions.node} has no node:sqlite, and the package libsql is not installed.\nUse Node 22.13 or newer, or run: npm ci`,
    );
  }
}

function opener(database: unknown): Sqlite {
  return (file) => {
    // SQLite would let every user of the machine read the sessions. Its other files get the permissions of this one.
    closeSync(openSync(file, 'a', 0o600));
    const opened: unknown = typeof database === 'function' ? Reflect.construct(database, [file]) : undefined;
    if (!isDatabase(opened)) throw new Error('the SQLite library is not one that SqliteStore can use');
    return opened;
  };
}

function isDatabase(value: unknown): value is OpenDatabase {
  if (typeof value !== 'object' || value === null) return false;
  return ['prepare', 'exec', 'close'].every((method) => typeof Reflect.get(value, method) === 'function');
}

/** Says that the folder in which the console once kept its sessions is unused; `undefined` when there is none beside the file. */
export function remarkOnOldFolder(file: string): string | undefined {
  const folder = join(dirname(file), '.sessions');
  if (!existsSync(join(folder, 'data.mdb'))) return undefined;
  return `The folder ${folder} is from an older version and is not used any more. You can delete it.`;
}
