import { StoreUnavailable } from '../../errors.js';
import type { WriteOutcome } from '../../ports/store.js';
import type { Row } from '../shared/rows.js';

const ATTEMPTS = 10;

/**
 * Runs a write that compares versions, until its outcome is known. When the row changed between the start of the statement and its lock, only a
 * later statement sees whether it has another version or ended.
 */
export async function guardedWrite(attempt: () => Promise<readonly Row[]>): Promise<WriteOutcome> {
  for (let count = 0; count < ATTEMPTS; count += 1) {
    const [row] = await attempt();
    const outcome = row?.['outcome'];
    if (outcome === 'ok' || outcome === 'conflict' || outcome === 'gone') return outcome;
  }
  throw new StoreUnavailable('the session kept changing: try again');
}
