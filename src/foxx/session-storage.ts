import { RevocationList } from '../storage/revocation/revocation-list.js';
import type { SessionStorageOptions } from '../storage/token/options.js';
import { SessionStorage } from '../storage/token/session-storage.js';
import type { ApplicationContext } from './application-context.js';
import { NeedsConfiguration } from './errors.js';
import type { Manifest } from './manifest.js';

/** The options of a SessionStorage that this package's manifest.json has. */
export type SessionStorageConfiguration = Pick<
  SessionStorageOptions<unknown, unknown>,
  | 'jwtAlgorithm'
  | 'timeToLive'
  | 'ttlType'
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'timeoutResolution'
  | 'issuer'
  | 'audience'
  | 'onReuse'
  | 'rotationGrace'
  | 'clockSkew'
  | 'cacheSize'
> & { readonly jwtSecret?: string | undefined };

// One for each loaded service: sessions that were ended stay ended when it is configured again.
const lists = new WeakMap<Manifest, RevocationList>();

/**
 * The export `sessionStorage` of this package's manifest: a SessionStorage with the service's configuration and its own
 * RevocationList. It has one key; for several (key rotation) call `new SessionStorage` in code.
 *
 * @throws NeedsConfiguration naming jwtSecret, if it is missing or empty and jwtAlgorithm is not 'none'
 * @throws TypeError naming the option that is wrong
 */
export default function sessionStorage(
  applicationContext: ApplicationContext<SessionStorageConfiguration>,
): SessionStorage {
  const { configuration, manifest } = applicationContext;
  const jwtSecret = configuration.jwtSecret || undefined;
  if (jwtSecret === undefined && configuration.jwtAlgorithm !== 'none') throw new NeedsConfiguration('jwtSecret');
  const revocations = lists.get(manifest) ?? new RevocationList();
  lists.set(manifest, revocations);
  return new SessionStorage({ ...configuration, jwtSecret, revocations });
}
