import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SqliteDatabase } from 'sessions-jwt/sqlite';

/** A database that can be closed. SqliteStore does not close it. */
export type OpenDatabase = SqliteDatabase & { close(): unknown };

/** Opens a database file, and creates it if it does not exist. */
export type Sqlite = (file: string) => OpenDatabase;

const NOT_FOUND: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * Finds `node:sqlite` (Node.js 22.13 and newer), or else the package libsql.
 * @throws Error that says what to do, when there is neither
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
    // SQLite would create a file that every user of the machine can read. Its other files get the permissions of this one.
    closeSync(openSync(file, 'a', 0o600));
    const opened: unknown = typeof database === 'function' ? Reflect.construct(database, [file]) : undefined;
    if (!isDatabase(opened)) throw new Error('SqliteStore cannot use this SQLite library');
    return opened;
  };
}

function isDatabase(value: unknown): value is OpenDatabase {
  if (typeof value !== 'object' || value === null) return false;
  return ['prepare', 'exec', 'close'].every((method) => typeof Reflect.get(value, method) === 'function');
}

/** A remark that the folder of an older version is unused; `undefined` when there is none beside the file. */
export function remarkOnOldFolder(file: string): string | undefined {
  const folder = join(dirname(file), '.sessions');
  if (!existsSync(join(folder, 'data.mdb'))) return undefined;
  return `The folder ${folder} is from an older version and is not used any more. You can delete it.`;
}
