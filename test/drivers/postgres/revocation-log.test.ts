import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { revocationLogSuite } from '../../../src/testing/index.js';
import { suiteOnPools } from './suite-on-pools.js';

suiteOnPools(
  'PostgresRevocationLog',
  revocationLogSuite,
  (pool, table) => new PostgresRevocationLog({ pool, table, deadline: 20_000 }),
  [['without notifications, as through a proxy that shares connections', { max: 1 }]],
);
