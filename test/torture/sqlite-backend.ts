import { statSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOf } from '../../src/drivers/sqlite/database.js';
import { temporaryFolder } from '../support/servers/program.js';
import { openDatabase, SQLITE } from '../support/sqlite.js';
import type { Backend, Expected, Inspection } from './backend.js';
import { openStore } from './open-store.js';

const MIB = 1024 * 1024;
/** Bytes that a file may have in any case, and for each byte of data. */
const LEAST = 8 * MIB;
const FACTOR = 6;
/** Bytes of a row without its body, about, with its share of the indexes. */
const ROW = 500;
/** Bytes of a log after the last process has closed the file. */
const LOG = 17 * MIB;

export async function startSqlite(): Promise<Backend> {
  const path = join(temporaryFolder(), 'sessions.db');
  const { close } = await openStore({ kind: 'sqlite', path, durability: 'crash' });
  await close();
  let longestLog = 0;
  return {
    name: `SQLite (${SQLITE.name})`,
    address: (random) => ({ kind: 'sqlite', path, durability: random.isLikely(0.9) ? 'crash' : 'ends' }),
    faults: [],
    settling: 0,
    sample: () => {
      longestLog = Math.max(longestLog, sizeOf(`${path}-wal`));
    },
    inspect: async (expected) => inspect(path, longestLog, expected),
    stop: async () => {},
  };
}

function inspect(path: string, longestLog: number, { entries, now }: Expected): Inspection {
  const problems: string[] = [];
  const log = sizeOf(`${path}-wal`);
  if (log > LOG) problems.push(`the log has ${log} bytes`);
  const database = openDatabase(path);
  const integrity = rowsOf(database.prepare('PRAGMA integrity_check')).map((row) => String(row['integrity_check']));
  if (integrity.join() !== 'ok') problems.push(`integrity_check: ${integrity.slice(0, 10).join('; ')}`);
  const [row] = rowsOf(
    database.prepare(
      'SELECT count(*) AS rows, total(length(body)) AS bytes, total(expires_at <= ?) AS old FROM sessions',
    ),
    now,
  );
  const rows = Number(row?.['rows']);
  if (rows !== entries) problems.push(`${rows} rows, but ${entries} entries are found by their ids`);
  if (Number(row?.['old']) > 0) problems.push(`${row?.['old']} expired rows after a sweep of all`);
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  const after = sizeOf(`${path}-wal`);
  if (after > 0) problems.push(`the log has ${after} bytes after a checkpoint`);
  const size = sizeOf(path);
  database.close();
  const most = LEAST + FACTOR * (Number(row?.['bytes']) + ROW * rows);
  if (size > most) problems.push(`the file has ${size} bytes for ${rows} rows; at most ${most} were expected`);
  return { problems, figures: { rows, 'file, KiB': kib(size), 'longest log, KiB': kib(longestLog) } };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}
