import { join } from 'node:path';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { storeSuite } from '../../../src/testing/index.js';
import { temporaryFolder } from '../../support/servers/program.js';

const folder = temporaryFolder();
let alone = 0;

storeSuite({
  runner: { describe, it, before, after },
  name: 'LmdbStore',
  open: async () => new LmdbStore({ path: join(folder, 'shared') }),
  openAlone: async () => {
    alone += 1;
    const path = join(folder, `alone-${alone}`);
    return [new LmdbStore({ path }), new LmdbStore({ path })];
  },
  sizes: process.env['SESSIONS_LARGE'] === '1' ? 'large' : 'small',
});
