import assert from 'node:assert/strict';
import { knownOnly } from '../lib/known-only.js';
import type { RevocationLog } from '../ports/revocation-log.js';
import { appendCases } from './revocation-log-cases/append.js';
import { RevocationLogBench } from './revocation-log-cases/bench.js';
import { entryCases } from './revocation-log-cases/entries.js';
import { readCases } from './revocation-log-cases/read.js';
import { readersCases } from './revocation-log-cases/readers.js';
import { removalCases } from './revocation-log-cases/removal.js';
import { stoppingCases } from './revocation-log-cases/stopping.js';
import { togetherCases } from './revocation-log-cases/together.js';
import { checkRunner, defineCase, hook, type SuiteRunner } from './suite-runner.js';

/** ms that a case may take. */
const TIMEOUT = 60_000;

const ALL = [appendCases, readCases, togetherCases, entryCases, removalCases, stoppingCases, readersCases];

/** Options of {@link revocationLogSuite}. */
export interface RevocationLogSuiteOptions {
  /** The functions of the test runner, such as mocha's `{ describe, it, before, after }`; see {@link SuiteRunner}. */
  readonly runner: SuiteRunner;
  /** The name of the log, for the title of the suite. */
  readonly name: string;
  /**
   * Opens a new log, as another process does, on one backend for all calls. Nobody else may use that backend: take a prefix or a table of
   * its own. The backend keeps what the cases append.
   */
  readonly create: () => Promise<RevocationLog>;
}

/**
 * Defines the tests that every {@link RevocationLog} which processes share must pass: one or more for each sentence of the port. The cases of
 * `readers` do nothing for a log without it. What happens when the backend fails, or loses entries, is not tested, because only the log's own
 * tests can cause that.
 * @throws TypeError when an option is missing or wrong
 */
export function revocationLogSuite(options: RevocationLogSuiteOptions): void {
  knownOnly('revocationLogSuite', options, ['runner', 'name', 'create']);
  const { runner, name, create } = options;
  checkRunner('revocationLogSuite', runner);
  if (typeof create !== 'function')
    throw new TypeError('revocationLogSuite: option create: expected a function that opens a log');
  let logs: readonly [RevocationLog, RevocationLog] | undefined;

  runner.describe(name, () => {
    hook(
      runner,
      async () => {
        logs = [await create(), await create()];
      },
      async () => {
        await Promise.all((logs ?? []).map((log) => log.close()));
      },
    );
    for (const { title, cases } of ALL) {
      runner.describe(title, () => {
        for (const one of cases) {
          const run = async (): Promise<void> => {
            assert.ok(logs);
            const bench = new RevocationLogBench(...logs, create);
            await one.run(bench).finally(() => bench.clean());
          };
          defineCase(runner, one.title, run, TIMEOUT);
        }
      });
    }
  });
}
