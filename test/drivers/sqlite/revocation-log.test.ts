import { join } from 'node:path';
import { SqliteRevocationLog } from '../../../src/drivers/sqlite/index.js';
import { revocationLogSuite } from '../../../src/testing/index.js';
import { temporaryFolder } from '../../support/servers/program.js';
import { type OpenDatabase, openDatabase, SQLITE_LIBRARIES } from '../../support/sqlite.js';

for (const library of SQLITE_LIBRARIES) {
  describe(`SqliteRevocationLog with ${library.name}`, () => {
    const path = join(temporaryFolder(), 'log.sqlite');
    const databases: OpenDatabase[] = [];

    after(() => {
      for (const database of databases) database.close();
    });

    revocationLogSuite({
      runner: { describe, it, before, after },
      name: 'keeps to the port',
      create: async () => {
        const database = openDatabase(path, library);
        databases.push(database);
        const log = new SqliteRevocationLog({ database });
        await log.migrate();
        return log;
      },
    });
  });
}
