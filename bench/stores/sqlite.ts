import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteDatabase } from '../../src/drivers/sqlite/index.js';
import { openDatabase } from '../../test/support/sqlite.js';

/** A new database in a file of its own; `remove` closes and deletes it. */
export function openTemporary(): { readonly database: SqliteDatabase; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-jwt-bench-'));
  const database = openDatabase(join(folder, 'sessions.sqlite'));
  return {
    database,
    remove(): void {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
