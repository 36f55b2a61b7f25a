import { recognizeCopies } from '../../copies.js';
import { wrongOption } from '../../lib/strict-options.js';
import type { Store } from '../../ports/store.js';
import { storeOption } from '../store-option.js';
import { type RegistryHost, TokenRegistry } from './registry.js';

/**
 * Registers the sessions of users in a store, so that a `SessionStorage` can list and limit them. The store is a
 * MemoryStore, SqliteStore, RedisStore or PostgresStore with a table or prefix of its own. Several storages may share
 * one registry.
 *
 * ```ts
 * const registry = new SessionRegistry(store);
 * const storage = new SessionStorage({ jwtSecret, revocations: new RevocationList({ log }), registry });
 * await storage.listOfUser('u1');
 * ```
 */
export class SessionRegistry {
  static {
    recognizeCopies(SessionRegistry, 'SessionRegistry');
  }

  readonly #store: Store;

  /**
   * The registry does not close the store: close it yourself, after the storages.
   * @throws TypeError if `store` is not a store
   */
  constructor(store: Store) {
    const judgement = storeOption.judge(store);
    if ('problems' in judgement) throw wrongOption('SessionRegistry', [], judgement.problems[0]?.text ?? 'refused');
    this.#store = judgement.value;
  }

  /** @internal Returns the registry of one storage. It sweeps the store in the background until it is closed. */
  open(host: RegistryHost): TokenRegistry {
    return new TokenRegistry(this.#store, host);
  }
}
