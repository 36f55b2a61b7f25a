import assert from 'node:assert/strict';
import { knownOnly } from '../lib/known-only.js';
import type { Bus } from '../ports/bus.js';
import { activityCases } from './bus-cases/activity.js';
import { BusBench } from './bus-cases/bench.js';
import { closeCases } from './bus-cases/close.js';
import { connectCases } from './bus-cases/connect.js';
import { historyCases } from './bus-cases/history.js';
import { publishCases } from './bus-cases/publish.js';
import { valueCases } from './bus-cases/values.js';
import { checkRunner, defineCase, hook, type SuiteRunner } from './suite-runner.js';

/** ms that a case may take. */
const TIMEOUT = 30_000;

/** Options of {@link busSuite}. */
export interface BusSuiteOptions {
  /** The functions of the test runner, such as mocha's `{ describe, it, before, after }`; see {@link SuiteRunner}. */
  readonly runner: SuiteRunner;
  /** The name of the bus, for the title of the suite. */
  readonly name: string;
  /**
   * Opens a new bus, as another process does, on one backend for all calls. Nobody else may use that backend: take a prefix or a table of
   * its own. For a bus of reach 'process', each call may open a separate bus.
   */
  readonly create: () => Promise<Bus>;
}

/**
 * Defines the tests that every {@link Bus} must pass: one or more for each sentence of the port. What happens when the backend goes away is not
 * tested, because only the bus's own tests can cause that.
 * @throws TypeError when an option is missing or wrong
 */
export function busSuite(options: BusSuiteOptions): void {
  knownOnly('busSuite', options, ['runner', 'name', 'create']);
  const { runner, name, create } = options;
  checkRunner('busSuite', runner);
  if (typeof create !== 'function')
    throw new TypeError('busSuite: option create: expected a function that opens a bus');
  let buses: readonly [Bus, Bus] | undefined;

  runner.describe(name, () => {
    hook(
      runner,
      async () => {
        const first = await create();
        buses = [first, first.reach === 'process' ? first : await create()];
      },
      async () => {
        await Promise.all(Array.from(new Set(buses), (bus) => bus.close()));
      },
    );
    for (const { title, cases } of [publishCases, connectCases, historyCases, valueCases, activityCases, closeCases]) {
      runner.describe(title, () => {
        for (const one of cases) {
          const run = async (): Promise<void> => {
            assert.ok(buses);
            const bench = new BusBench(...buses, create);
            await one.run(bench).finally(() => bench.clean());
          };
          defineCase(runner, one.title, run, TIMEOUT);
        }
      });
    }
  });
}
