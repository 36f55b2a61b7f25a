import pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import type { PostgresAddress } from '../../support/servers/postgres.js';
import type { OpenStore } from '../open-store.js';

export async function openPostgres(server: PostgresAddress, deadline: number): Promise<OpenStore> {
  const limits = { connectionTimeoutMillis: deadline, statement_timeout: deadline };
  const pool = new pg.Pool({ ...server, ...limits, max: 8 });
  pool.on('error', () => {});
  const store = new PostgresStore({ pool, deadline });
  return {
    store,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
