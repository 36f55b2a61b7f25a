import { RevocationList } from '../storage/revocation/revocation-list.js';
import type { SessionStorageOptions } from '../storage/token/options.js';
import { SessionStorage } from '../storage/token/session-storage.js';
import type { ApplicationContext } from './application-context.js';
import { NeedsConfiguration } from './errors.js';
import type { Manifest } from './manifest.js';

/** The options of a SessionStorage that this package's manifest.json can state. */
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
  | 'rotationGrace'
  | 'clockSkew'
  | 'cacheSize'
> & { readonly jwtSecret?: string | undefined };

// One for each loaded service, so that configuring it anew brings no ended session back.
const lists = new WeakMap<Manifest, RevocationList>();

/**
 * What this package's manifest exports as `sessionStorage`: a storage by the service's configuration, with a
 * RevocationList of its own. One key only; several (for rotation) are given to `new SessionStorage` in code.
 *
 * @throws NeedsConfiguration naming jwtSecret, when it is missing or empty and jwtAlgorithm is not 'none'
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
