import { hasMethods } from '../lib/strict-options.js';

interface CaseRunner {
  describe(title: string, define: () => void): unknown;
  /**
   * Defines a test. `timeout`: ms, as vitest and jest take it. mocha gets it through the object that `it` returns; node:test has no timeout
   * by default.
   */
  it(title: string, run: () => Promise<void>, timeout: number): unknown;
}

/**
 * The functions of a test runner: `{ describe, it, before, after }` of mocha or `node:test`, or `{ describe, it, beforeAll, afterAll }` of
 * vitest or jest.
 */
export type SuiteRunner = CaseRunner &
  (
    | { before(run: () => Promise<void>): unknown; after(run: () => Promise<void>): unknown }
    | { beforeAll(run: () => Promise<void>): unknown; afterAll(run: () => Promise<void>): unknown }
  );

/** @throws TypeError for something else than the functions of a test runner */
export function checkRunner(suite: string, runner: SuiteRunner): void {
  const hasHooks = hasMethods(runner, 'before', 'after') || hasMethods(runner, 'beforeAll', 'afterAll');
  if (hasMethods(runner, 'describe', 'it') && hasHooks) return;
  throw new TypeError(`${suite}: option runner: expected the runner's functions, { describe, it, before, after }`);
}

/** Runs `open` before the tests of the surrounding `describe`, and `close` after them. */
export function hook(runner: SuiteRunner, open: () => Promise<void>, close: () => Promise<void>): void {
  if ('beforeAll' in runner) {
    runner.beforeAll(open);
    runner.afterAll(close);
  } else {
    runner.before(open);
    runner.after(close);
  }
}

/** Defines a test that may take `timeout` ms. */
export function defineCase(runner: SuiteRunner, title: string, run: () => Promise<void>, timeout: number): void {
  const defined = runner.it(title, run, timeout);
  if (isMochaTest(defined)) defined.timeout(timeout);
}

function isMochaTest(defined: unknown): defined is { timeout(ms: number): unknown } {
  return (
    typeof defined === 'object' && defined !== null && 'timeout' in defined && typeof defined.timeout === 'function'
  );
}
