import { storeSuite } from '../../../src/testing/index.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newStore, newTable, openPool } from './support.js';

const runner = { describe, it, before, after };

describe('PostgresStore', () => {
  let server: PostgresServer;

  before(async function () {
    server = await postgres(this);
  });

  after(async () => {
    await closePools();
  });

  const poolTable = newTable();
  storeSuite({
    runner,
    name: 'on a Pool',
    open: () => newStore(openPool(server), poolTable),
    openAlone: async () => {
      const table = newTable();
      return [await newStore(openPool(server), table), await newStore(openPool(server), table)];
    },
    sizes: process.env['SESSIONS_LARGE'] === '1' ? 'large' : 'small',
  });

  const serializableTable = newTable();
  const serializable = { options: '-c default_transaction_isolation=serializable' };
  storeSuite({
    runner,
    name: 'in a database that is serializable',
    open: () => newStore(openPool(server, serializable), serializableTable),
    openAlone: async () => {
      const table = newTable();
      return [
        await newStore(openPool(server, serializable), table),
        await newStore(openPool(server, serializable), table),
      ];
    },
    sizes: 'small',
  });
});
