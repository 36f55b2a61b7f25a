import type { Store } from '../../src/ports/store.js';
import type { PostgresAddress } from '../support/servers/postgres.js';

/** Where a store is, for any process. */
export type Address =
  | { readonly kind: 'sqlite'; readonly path: string; readonly durability: 'crash' | 'ends' | 'power' }
  | { readonly kind: 'redis'; readonly port: number; readonly client: 'redis' | 'ioredis' }
  | { readonly kind: 'postgres'; readonly server: PostgresAddress };

export interface OpenStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

/** Loads only what it takes, so that processes start fast. `deadline`: ms that an operation may take. @throws StoreUnavailable */
export async function openStore(address: Address, deadline = 2_000): Promise<OpenStore> {
  switch (address.kind) {
    case 'sqlite': {
      const { openSqlite } = await import('./open/sqlite.js');
      return openSqlite(address.path, address.durability, deadline);
    }
    case 'redis': {
      if (address.client === 'redis') return (await import('./open/redis.js')).openRedis(address.port, deadline);
      return (await import('./open/ioredis.js')).openIoredis(address.port, deadline);
    }
    case 'postgres': {
      const { openPostgres } = await import('./open/postgres.js');
      return openPostgres(address.server, deadline);
    }
  }
}
