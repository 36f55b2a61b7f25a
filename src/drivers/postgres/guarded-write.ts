import { StoreUnavailable } from '../../errors.js';
import type { WriteOutcome } from '../../ports/store.js';
import type { Row } from '../shared/rows.js';

const ATTEMPTS = 10;

/**
 * What a guarded write comes to. It is tried again when the row was changed between the beginning of the statement and its turn to write: only
 * a later statement sees what has become of it, another version or its end.
 */
export async function guardedWrite(attempt: () => Promise<readonly Row[]>): Promise<WriteOutcome> {
  for (let count = 0; count < ATTEMPTS; count += 1) {
    const [row] = await attempt();
    const outcome = row?.['outcome'];
    if (outcome === 'ok' || outcome === 'conflict' || outcome === 'gone') return outcome;
  }
  throw new StoreUnavailable('the session kept changing');
}
