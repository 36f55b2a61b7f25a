import { statfsSync } from 'node:fs';
import { warn } from '../../lib/warn.js';
import { rowsOf, type SqliteDatabase } from './database.js';

/** File systems of other machines, by the type that statfs(2) returns. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);
/** File systems that may be local or remote. */
const UNKNOWN: ReadonlyMap<number, string> = new Map([
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
]);

/**
 * The path of a database's file; '' for a database in memory or a temporary one.
 * @throws TypeError when the database does not return rows as objects
 */
export function fileOf(database: SqliteDatabase, owner: string): string {
  const main = rowsOf(database.prepare('PRAGMA database_list')).find(({ name }) => name === 'main');
  if (main === undefined) {
    throw new TypeError(`${owner}: option database: its rows must be objects: open it without returnArrays`);
  }
  return typeof main['file'] === 'string' ? main['file'] : '';
}

/**
 * Checks that a file is on a local disk, because WAL mode needs locks and shared memory of one machine.
 * @throws TypeError for a file on a network file system
 */
export function checkFileSystem(
  file: string,
  owner: string,
  typeOf: (file: string) => number = typeOfFileSystem,
): void {
  if (file === '') return;
  const type = typeOf(file);
  const network = NETWORK.get(type);
  if (network !== undefined) {
    throw new TypeError(
      `${owner}: option database: the file is on a network file system (${network}), where SQLite loses data: use a local disk, Redis or PostgreSQL`,
    );
  }
  const unknown = UNKNOWN.get(type);
  if (unknown === undefined) return;
  warn(
    'SESSIONS_SQLITE_FILE_SYSTEM',
    `the SQLite file is on a ${unknown} file system. If that is on another machine, SQLite loses data: use a local disk`,
  );
}

function typeOfFileSystem(file: string): number {
  try {
    return statfsSync(file).type;
  } catch {
    // Not every platform supports statfs.
    return 0;
  }
}
