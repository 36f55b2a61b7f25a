import { isOfAnyCopy } from '../../copies.js';
import type { RevocationList } from './revocation-list.js';

/** `instanceof RevocationList`, without the class: bundles of programs that have no list leave it out. */
export function isRevocationList(value: unknown): value is RevocationList {
  return isOfAnyCopy(value, 'RevocationList');
}
