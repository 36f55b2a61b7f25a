const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** How many attempts are under way at the same time. */
const AT_ONCE = 50;

/** Something to attempt until it succeeds. */
export interface Retried {
  /** Asked when it is its turn. */
  readonly isNeeded: () => boolean;
  /** Rejects if the attempt failed. */
  readonly attempt: () => Promise<void>;
}

/**
 * Repeats attempts until they succeed: 50 at a time, in the order in which they came. What fails again goes to the end.
 *
 * After a failure, all wait for one pause, which doubles up to 5 s. A success shows that the log is up, so it ends the pause.
 * Without these limits, a log that comes back from an outage would receive everything at the same moment.
 */
export class Retries {
  readonly #waiting = new Set<Retried>();
  /** Kept from turn to turn: a set keeps the places of what was removed for a while, so searching from its beginning would be slow. */
  #next = this.#waiting.values();
  #underWay = 0;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = true;

  /** Makes a first attempt when there is a turn for it. */
  add(retried: Retried): void {
    if (!this.#isOpen) return;
    this.#waiting.add(retried);
    this.#resume();
  }

  /** Repeats an attempt that has failed, after a pause. */
  again(retried: Retried): void {
    if (!this.#isOpen) return;
    if (this.#waiting.size === 0 && this.#underWay === 0) this.#pause = FIRST_PAUSE;
    this.#postpone(retried);
  }

  /** No further attempt begins. */
  close(): void {
    this.#isOpen = false;
    this.#endPause();
    this.#waiting.clear();
    this.#next = this.#waiting.values();
  }

  #postpone(retried: Retried): void {
    if (!this.#isOpen) return;
    this.#waiting.add(retried);
    if (this.#timer !== undefined) return;
    // A retry need not keep the process alive.
    this.#timer = setTimeout(() => {
      this.#endPause();
      this.#resume();
    }, this.#pause).unref();
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }

  #endPause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #resume(): void {
    while (this.#timer === undefined && this.#underWay < AT_ONCE) {
      const oldest = this.#takeOldest();
      if (oldest === undefined) return;
      if (oldest.isNeeded()) void this.#attempt(oldest);
    }
  }

  async #attempt(retried: Retried): Promise<void> {
    this.#underWay += 1;
    const isDone = await retried.attempt().then(
      () => true,
      () => false,
    );
    this.#underWay -= 1;
    if (!isDone) return this.#postpone(retried);
    this.#pause = FIRST_PAUSE;
    this.#endPause();
    this.#resume();
  }

  #takeOldest(): Retried | undefined {
    let { value } = this.#next.next();
    if (value === undefined) {
      this.#next = this.#waiting.values();
      ({ value } = this.#next.next());
    }
    if (value !== undefined) this.#waiting.delete(value);
    return value;
  }
}
