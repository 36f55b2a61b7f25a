import { StoreUnavailable } from '../../errors.js';
import type { RevocationReaders } from '../../ports/revocation-log.js';
import { settledWithin } from './settled-within.js';
import type { Waits } from './waits.js';

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;

/**
 * Resolves when all processes that read the log have read it up to `position`.
 *
 * A process that reads no more is forgotten when its list is stale, and denies by itself. So this takes no longer than
 * `bound`, if the log answers.
 * @throws StoreUnavailable after `bound` and `deadline`, in ms
 */
export function allRead(
  waits: Waits,
  readers: RevocationReaders,
  position: string,
  { bound, deadline }: { readonly bound: number; readonly deadline: number },
): Promise<void> {
  let failure: unknown;
  const limit = bound + deadline;
  const late = (): StoreUnavailable =>
    new StoreUnavailable(
      `the revocation is in the log, but not all instances confirmed within ${limit} ms that they read it`,
      failure,
    );
  return waits.until(limit, late, (done) => {
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const ask = async (pause: number): Promise<void> => {
      try {
        const behind = await settledWithin(deadline, () => readers.behind(position));
        failure = undefined;
        if (behind === 0) return done();
      } catch (error) {
        failure = error;
      }
      if (!isOver) timer = setTimeout(() => void ask(Math.min(LONGEST_PAUSE, pause * 2)), pause);
    };
    void ask(FIRST_PAUSE);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  });
}
