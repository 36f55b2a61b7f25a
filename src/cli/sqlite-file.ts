import type { SqliteDatabase } from '../drivers/sqlite/index.js';
import { isMissing } from './from-package.js';

/** A database, and what closes it. */
export type OpenDatabase = SqliteDatabase & { close(): unknown };

/** The application's packages that can open SQLite, for a Node that cannot. */
const PACKAGES: readonly string[] = ['libsql', 'better-sqlite3'];

/**
 * Opens the database in a file: with `node:sqlite` where Node has it (from 22.13 on), otherwise with a package of the application's.
 * @throws Error that says what to install when there is neither
 */
export async function openSqliteFile(
  path: string,
  builtIn: () => object | undefined = () => process.getBuiltinModule('node:sqlite'),
  importPackage: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<OpenDatabase> {
  const Database = exportOf(builtIn(), 'DatabaseSync') ?? (await fromPackages(importPackage));
  const database: unknown = typeof Database === 'function' ? Reflect.construct(Database, [path]) : undefined;
  if (!isDatabase(database)) throw new Error('the SQLite library that was found is not one that SqliteStore can use');
  return database;
}

async function fromPackages(importPackage: (name: string) => Promise<unknown>): Promise<unknown> {
  for (const name of PACKAGES) {
    try {
      return exportOf(await importPackage(name), 'default');
    } catch (error) {
      if (!isMissing(error, name)) throw error;
    }
  }
  throw new Error(
    `Node ${process.versions.node} has no node:sqlite, and neither ${PACKAGES.join(' nor ')} is installed beside sessions-jwt: use Node 22.13 or newer, or install one of them in the application that has sessions-jwt`,
  );
}

function exportOf(module: unknown, name: string): unknown {
  return typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
}

function isDatabase(value: unknown): value is OpenDatabase {
  return ['prepare', 'exec', 'close'].every((method) => typeof exportOf(value, method) === 'function');
}
