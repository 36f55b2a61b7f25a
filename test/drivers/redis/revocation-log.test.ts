import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { revocationLogSuite } from '../../../src/testing/index.js';
import { suiteOnClients } from './suite-on-clients.js';

suiteOnClients('RedisRevocationLog', revocationLogSuite, (client, prefix) => {
  return new RedisRevocationLog({ client, prefix, deadline: 20_000 });
});
