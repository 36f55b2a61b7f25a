import { StoreUnavailable } from '../../errors.js';

/** Waits of callers: each ends at its deadline, or when the list is closed. */
export class Waits {
  readonly #closers = new Set<() => void>();
  #isOpen = true;

  /**
   * Resolves when `begin` calls `done`. What `begin` returns is called at the end, however that comes.
   * @throws what `failure` returns, after `ms` @throws StoreUnavailable after `close`
   */
  until(ms: number, failure: () => StoreUnavailable, begin: (done: () => void) => () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(closed());
      let stop: () => void = () => undefined;
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.#closers.delete(close);
        stop();
        settle();
      };
      const close = (): void => end(() => reject(closed()));
      const timer = setTimeout(() => end(() => reject(failure())), ms);
      this.#closers.add(close);
      stop = begin(() => end(resolve));
      if (isOver) stop();
    });
  }

  close(): void {
    this.#isOpen = false;
    for (const close of [...this.#closers]) close();
  }
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('the revocation list was closed before the wait was over; the revocation is in the log');
}
