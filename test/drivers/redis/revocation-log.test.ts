import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { revocationLogSuite } from '../../../src/testing/index.js';
import { sharedCluster, sharedRedis } from '../../support/servers/redis.js';
import { ALL_MAKES, newName, type OpenClient } from './support.js';

const runner = { describe, it, before, after };

function suiteOf(name: string, open: () => Promise<OpenClient>): void {
  const clients: OpenClient[] = [];
  const prefix = `${newName()}:`;
  revocationLogSuite({
    runner,
    name,
    create: async () => {
      const opened = await open();
      clients.push(opened);
      return new RedisRevocationLog({ client: opened.client, prefix, deadline: 20_000 });
    },
  });
  after(() => {
    for (const { close } of clients) close();
  });
}

for (const make of ALL_MAKES) {
  describe(`RedisRevocationLog with ${make.name}`, () => {
    let port = 0;
    let ports: readonly number[] = [];

    before(async function () {
      ({ port } = await sharedRedis(this));
      ports = await sharedCluster(this);
    });

    suiteOf('keeps to the port', () => make.open(port));
    suiteOf('keeps to the port in a cluster', () => make.openCluster(ports));
  });
}
