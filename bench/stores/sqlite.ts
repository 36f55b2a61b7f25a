import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../test/support/sqlite.js';

/** A new database in a file of its own, as `node:sqlite` or else libsql opens it; `remove` closes and deletes it. */
export async function openTemporary() {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-jwt-bench-'));
  const database = await openDatabase(join(folder, 'sessions.sqlite'));
  return {
    database,
    remove(): void {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
