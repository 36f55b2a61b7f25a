/** Where calls wait until they are let through: no time passes by itself. */
export class Gate {
  /** Resolved when the first call has come to it. */
  readonly reached: Promise<void>;
  readonly #opened: Promise<void>;
  #reach: () => void = () => undefined;
  #open: () => void = () => undefined;
  #waiting = 0;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets through whatever waits, and whatever comes. */
  release(): void {
    this.#open();
  }

  /** Resolved once it is open. */
  async pass(): Promise<void> {
    this.#waiting += 1;
    this.#reach();
    await this.#opened;
    this.#waiting -= 1;
  }
}
