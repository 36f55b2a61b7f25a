/** Where calls of a {@link FaultyStore} wait until the test releases them. */
export class Gate {
  /** Resolves when the first call waits. */
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

  /** The number of calls that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets all waiting and later calls continue. */
  release(): void {
    this.#open();
  }

  /** Resolves when the gate is released. */
  async pass(): Promise<void> {
    this.#waiting += 1;
    this.#reach();
    await this.#opened;
    this.#waiting -= 1;
  }
}
