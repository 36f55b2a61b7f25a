import { join } from 'node:path';
import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import { storeSuite } from '../../../src/testing/index.js';
import { temporaryFolder } from '../../support/servers/program.js';
import { type OpenDatabase, openDatabase, SQLITE, SQLITE_LIBRARIES } from '../../support/sqlite.js';

for (const library of SQLITE_LIBRARIES) {
  describe(`SqliteStore with ${library.name}`, () => {
    const folder = temporaryFolder();
    const databases: OpenDatabase[] = [];
    let alone = 0;

    after(() => {
      for (const database of databases) database.close();
    });

    const open = async (file: string): Promise<SqliteStore> => {
      const database = openDatabase(join(folder, file), library);
      databases.push(database);
      const store = new SqliteStore({ database });
      await store.migrate();
      return store;
    };

    storeSuite({
      runner: { describe, it, before, after },
      name: 'keeps to the port',
      open: () => open('shared.sqlite'),
      openAlone: async () => {
        alone += 1;
        return [await open(`alone-${alone}.sqlite`), await open(`alone-${alone}.sqlite`)];
      },
      sizes: process.env['SESSIONS_LARGE'] === '1' && library === SQLITE ? 'large' : 'small',
    });
  });
}
