/** A case that was defined and can be run. */
export interface CollectedCase {
  /** All titles around it too, joined by `: `. */
  readonly title: string;
  readonly run: () => Promise<void>;
  readonly timeout: number;
}

/** A runner that runs nothing by itself: what was defined is run when it is told to. */
export class CollectingRunner {
  readonly cases: CollectedCase[] = [];
  readonly #titles: string[] = [];
  readonly #before: (() => Promise<void>)[] = [];
  readonly #after: (() => Promise<void>)[] = [];

  describe(title: string, define: () => void): void {
    this.#titles.push(title);
    define();
    this.#titles.pop();
  }

  it(title: string, run: () => Promise<void>, timeout: number): void {
    this.cases.push({ title: [...this.#titles, title].join(': '), run, timeout });
  }

  before(run: () => Promise<void>): void {
    this.#before.push(run);
  }

  after(run: () => Promise<void>): void {
    this.#after.push(run);
  }

  /** The titles of the cases that fail, with why, of those that are wanted. */
  async failures(isWanted: (title: string) => boolean = () => true): Promise<ReadonlyMap<string, unknown>> {
    const failures = new Map<string, unknown>();
    for (const run of this.#before) await run();
    for (const { title, run } of this.cases.filter((one) => isWanted(one.title))) {
      await run().catch((error: unknown) => failures.set(title, error));
    }
    for (const run of this.#after) await run();
    return failures;
  }
}
