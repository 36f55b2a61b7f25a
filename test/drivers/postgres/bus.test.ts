import { PostgresBus } from '../../../src/drivers/postgres/index.js';
import { busSuite } from '../../../src/testing/index.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

const runner = { describe, it, before, after };

describe('PostgresBus', () => {
  let server: PostgresServer;

  before(async function () {
    server = await postgres(this);
  });

  after(async () => {
    await closePools();
  });

  for (const [name, options] of [
    ['on a Pool', {}],
    ['in a database that is serializable', { options: '-c default_transaction_isolation=serializable' }],
  ] as const) {
    const table = newTable();
    busSuite({
      runner,
      name,
      create: async () => {
        const bus = new PostgresBus({ pool: openPool(server, options), table, deadline: 10_000 });
        await bus.migrate();
        return bus;
      },
    });
  }
});
