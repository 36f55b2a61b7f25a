import { PostgresBus } from '../../../src/drivers/postgres/index.js';
import { busSuite } from '../../../src/testing/index.js';
import { suiteOnPools } from './suite-on-pools.js';

suiteOnPools('PostgresBus', busSuite, (pool, table) => new PostgresBus({ pool, table, deadline: 10_000 }));
