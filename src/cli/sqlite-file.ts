import type { SqliteDatabase } from '../drivers/sqlite/index.js';
import { isMissing } from './from-package.js';

/** A database that can be closed. */
export type OpenDatabase = SqliteDatabase & { close(): unknown };

/** Packages of the application that open SQLite, for versions of Node.js that cannot. */
const PACKAGES: readonly string[] = ['libsql', 'better-sqlite3'];

/**
 * Opens a SQLite file with `node:sqlite` (Node.js 22.13 and newer), or else with a package of the application.
 * @throws Error that says what to install, when there is neither
 */
export async function openSqliteFile(
  path: string,
  builtIn: () => object | undefined = () => process.getBuiltinModule('node:sqlite'),
  importPackage: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<OpenDatabase> {
  const Database = exportOf(builtIn(), 'DatabaseSync') ?? (await fromPackages(importPackage));
  const database: unknown = typeof Database === 'function' ? Reflect.construct(Database, [path]) : undefined;
  if (!isDatabase(database)) throw new Error('SqliteStore cannot use the SQLite library that was found: update it');
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
    `Node.js ${process.versions.node} has no node:sqlite, and neither ${PACKAGES.join(' nor ')} is installed beside sessions-jwt: use Node.js 22.13 or newer, or run npm install ${PACKAGES[0]} in the application`,
  );
}

function exportOf(module: unknown, name: string): unknown {
  return typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
}

function isDatabase(value: unknown): value is OpenDatabase {
  return ['prepare', 'exec', 'close'].every((method) => typeof exportOf(value, method) === 'function');
}
