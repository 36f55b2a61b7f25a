interface CaseRunner {
  describe(title: string, define: () => void): unknown;
  /**
   * `timeout` in ms, as vitest and jest take it; mocha is told through what `it` returns, and node:test has no limit of
   * its own.
   */
  it(title: string, run: () => Promise<void>, timeout: number): unknown;
}

/**
 * What runs a suite: the globals of mocha (`{ describe, it, before, after }`), all of `node:test`, or of vitest
 * (`{ describe, it, beforeAll, afterAll }`).
 */
export type SuiteRunner = CaseRunner &
  (
    | { before(run: () => Promise<void>): unknown; after(run: () => Promise<void>): unknown }
    | { beforeAll(run: () => Promise<void>): unknown; afterAll(run: () => Promise<void>): unknown }
  );

/** Has `open` run before the cases around it, and `close` after them. */
export function hook(runner: SuiteRunner, open: () => Promise<void>, close: () => Promise<void>): void {
  if ('beforeAll' in runner) {
    runner.beforeAll(open);
    runner.afterAll(close);
  } else {
    runner.before(open);
    runner.after(close);
  }
}

/** Defines a case that may take `timeout` ms. */
export function defineCase(runner: SuiteRunner, title: string, run: () => Promise<void>, timeout: number): void {
  const defined = runner.it(title, run, timeout);
  if (isMochaTest(defined)) defined.timeout(timeout);
}

function isMochaTest(defined: unknown): defined is { timeout(ms: number): unknown } {
  return (
    typeof defined === 'object' && defined !== null && 'timeout' in defined && typeof defined.timeout === 'function'
  );
}
