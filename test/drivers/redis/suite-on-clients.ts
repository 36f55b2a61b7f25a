import type { RedisBusClient } from '../../../src/drivers/redis/index.js';
import type { SuiteRunner } from '../../../src/testing/index.js';
import { sharedCluster, sharedRedis } from '../../support/servers/redis.js';
import { ALL_MAKES, newName, type OpenClient } from './support.js';

/** What a suite of `sessions-jwt/testing` needs here. */
interface SuiteOptions<Kind> {
  readonly runner: SuiteRunner;
  readonly name: string;
  readonly create: () => Promise<Kind>;
}

/** Runs a suite with every client, on one server and on a cluster. `build` makes what is tested, of a client and a prefix. */
export function suiteOnClients<Kind>(
  what: string,
  suite: (options: SuiteOptions<Kind>) => void,
  build: (client: RedisBusClient, prefix: string) => Kind,
): void {
  const suiteOf = (name: string, open: () => Promise<OpenClient>): void => {
    const clients: OpenClient[] = [];
    const prefix = `${newName()}:`;
    suite({
      runner: { describe, it, before, after },
      name,
      create: async () => {
        const opened = await open();
        clients.push(opened);
        return build(opened.client, prefix);
      },
    });
    after(() => {
      for (const { close } of clients) close();
    });
  };

  for (const make of ALL_MAKES) {
    describe(`${what} with ${make.name}`, () => {
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
}
