import { isOfAnyCopy } from '../../copies.js';
import type { SessionRegistry } from './session-registry.js';

/** `instanceof SessionRegistry`, without the class: bundles of programs that have no registry leave it out. */
export function isSessionRegistry(value: unknown): value is SessionRegistry {
  return isOfAnyCopy(value, 'SessionRegistry');
}
