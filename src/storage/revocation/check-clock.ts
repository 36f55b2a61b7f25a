import type { Clock } from '../../ports/clock.js';
import type { RevocationList } from './revocation-list.js';

/**
 * Checks that a list that was given a clock has that of the storage. By two clocks, it would be stale at the wrong time, and
 * forget entries whose sessions are alive.
 * @throws TypeError that names the option
 */
export function checkClock(storage: string, clock: Clock, revocations: RevocationList | undefined): void {
  if (revocations?.clock === undefined || revocations.clock === clock) return;
  throw new TypeError(
    `${storage}: option clock: the RevocationList was given another clock: pass the same clock to both`,
  );
}
