import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import { openDatabase } from '../../support/sqlite.js';
import type { OpenStore } from '../open-store.js';

export async function openSqlite(
  path: string,
  durability: 'crash' | 'ends' | 'power',
  deadline: number,
): Promise<OpenStore> {
  const database = openDatabase(path);
  const store = new SqliteStore({ database, durability, deadline });
  await store.migrate();
  return {
    store,
    close: async () => {
      await store.close();
      database.close();
    },
  };
}
