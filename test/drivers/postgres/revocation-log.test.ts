import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { revocationLogSuite } from '../../../src/testing/index.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

const runner = { describe, it, before, after };

describe('PostgresRevocationLog', () => {
  let server: PostgresServer;

  before(async function () {
    server = await postgres(this);
  });

  after(async () => {
    await closePools();
  });

  for (const [name, options] of [
    ['on a Pool', {}],
    ['without notifications, as through a proxy that shares connections', { max: 1 }],
    ['in a database that is serializable', { options: '-c default_transaction_isolation=serializable' }],
  ] as const) {
    const table = newTable();
    revocationLogSuite({
      runner,
      name,
      create: async () => {
        const log = new PostgresRevocationLog({ pool: openPool(server, options), table, deadline: 20_000 });
        await log.migrate();
        return log;
      },
    });
  }
});
