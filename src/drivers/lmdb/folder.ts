import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Where every LMDB file has its mark, in the byte order of the machine. */
const HEADER = 64;
const MARK = Buffer.from(new Uint32Array([0xbeef_c0de]).buffer);

/** The real path of a folder, made if need be. */
export function madeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return realpathSync(path);
}

/** lmdb frees memory twice when it cannot open a database, and mostly dies of it. @throws Error when that would happen */
export function checkFolder(folder: string): void {
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const [data, lock] = [join(folder, 'data.mdb'), join(folder, 'lock.mdb')];
  // Never opened here: closing it would end the locks that other threads of this process have on it.
  if (existsSync(lock)) accessSync(lock, constants.R_OK | constants.W_OK);
  if (existsSync(data)) checkHeader(data);
}

function checkHeader(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const header = Buffer.alloc(HEADER);
    if (readSync(file, header) > 0 && !header.includes(MARK)) throw new Error(`${path} is no LMDB database`);
  } finally {
    closeSync(file);
  }
}
