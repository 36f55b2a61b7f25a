/** Wakes the reads of a log. */
export class Wakeups {
  readonly #sleepers = new Set<() => void>();
  #count = 0;

  /** How often it woke them: to be asked for before looking for news, so that none is missed. */
  get count(): number {
    return this.#count;
  }

  wake(): void {
    this.#count += 1;
    for (const sleeper of [...this.#sleepers]) sleeper();
  }

  /** Resolves after `ms`, when it wakes or has woken since `count`, and when `signal` is aborted. Keeps no process alive. */
  async sleep(count: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const sleeper = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', sleeper);
        resolve();
      };
      const timer = setTimeout(sleeper, ms);
      timer.unref();
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper);
    });
  }
}
