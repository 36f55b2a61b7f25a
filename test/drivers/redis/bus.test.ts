import { RedisBus } from '../../../src/drivers/redis/index.js';
import { busSuite } from '../../../src/testing/index.js';
import { suiteOnClients } from './suite-on-clients.js';

suiteOnClients('RedisBus', busSuite, (client, prefix) => new RedisBus({ client, prefix, deadline: 20_000 }));
