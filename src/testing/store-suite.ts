import assert from 'node:assert/strict';
import { knownOnly } from '../lib/known-only.js';
import type { Store } from '../ports/store.js';
import { aloneCases } from './store-cases/alone.js';
import { CaseBench } from './store-cases/bench.js';
import { bodyCases } from './store-cases/bodies.js';
import { busyWriterCases } from './store-cases/busy-writer-cases.js';
import type { CaseSizes, StoreCase, StoreCases } from './store-cases/case.js';
import { churnCases } from './store-cases/churn.js';
import { closeCases } from './store-cases/close.js';
import { createCases } from './store-cases/create.js';
import { deleteCases } from './store-cases/delete.js';
import { deleteAllCases } from './store-cases/delete-all.js';
import { deleteOfUserCases } from './store-cases/delete-of-user.js';
import { endOfUserCases } from './store-cases/end-of-user.js';
import { loadCases } from './store-cases/load.js';
import { nameCases } from './store-cases/names.js';
import { ofUserCases } from './store-cases/of-user.js';
import { raceCases } from './store-cases/races.js';
import { retireCases } from './store-cases/retire.js';
import { sizeCases } from './store-cases/sizes.js';
import { sweepCases } from './store-cases/sweep.js';
import { touchCases } from './store-cases/touch.js';
import { updateCases } from './store-cases/update.js';
import { userRaceCases } from './store-cases/user-races.js';
import { checkRunner, defineCase, hook, type SuiteRunner } from './suite-runner.js';

const MIB = 1024 * 1024;
const DEFAULT_TIMEOUT = 30_000;

const SIZES: Readonly<Record<'small' | 'default' | 'large', CaseSizes>> = {
  small: { records: 1_000, sessions: 2_000, body: MIB, timeout: 30_000 },
  default: { records: 100_000, sessions: 20_000, body: 10 * MIB, timeout: 180_000 },
  large: { records: 1_000_000, sessions: 20_000, body: 100 * MIB, timeout: 1_800_000 },
};

/** Options of {@link storeSuite}. */
export interface StoreSuiteOptions {
  /** The functions of the test runner, such as mocha's `{ describe, it, before, after }`; see {@link SuiteRunner}. */
  readonly runner: SuiteRunner;
  /** The name of the store, for the title of the suite. */
  readonly name: string;
  /**
   * Opens a new client of the backend under test. The backend may contain other sessions: the suite changes only its own, except that it
   * sweeps entries that expired before 1970-01-03. For a store of reach 'process', each call may open a separate store.
   */
  readonly open: () => Promise<Store>;
  /**
   * Opens two clients of an empty backend that nobody else uses: a new database, folder or prefix at each call. For a store of reach
   * 'process', return the same store twice. The cases for `deleteAll` need it. Default: they are left out.
   */
  readonly openAlone?: (() => Promise<readonly [Store, Store]>) | undefined;
  /**
   * How much the largest cases store:
   * - 'small': 1,000 records, 2,000 sessions of one user, and a body of 1 MiB;
   * - 'default': 100,000 records, 20,000 sessions of one user, and a body of 10 MiB;
   * - 'large': 1,000,000 records, 20,000 sessions of one user, and a body of 100 MiB.
   */
  readonly sizes?: 'small' | 'default' | 'large' | undefined;
}

/**
 * Defines the tests that every {@link Store} must pass: one or more for each sentence of the port, and races between operations. The store
 * may be any object with the methods of the port. No test waits for time to pass, and each removes what it stored.
 * @throws TypeError when an option is missing or wrong
 */
export function storeSuite(options: StoreSuiteOptions): void {
  checkOptions(options);
  const { runner, name, open, openAlone, sizes = 'default' } = options;
  let clients: readonly [Store, Store] | undefined;

  const onShared = async ({ run }: StoreCase): Promise<void> => {
    assert.ok(clients);
    await runOn(new CaseBench(...clients, open), run);
  };

  runner.describe(name, () => {
    hook(
      runner,
      async () => {
        const first = await open();
        clients = [first, first.reach === 'process' ? first : await open()];
      },
      async () => {
        await closeAll(clients ?? []);
      },
    );
    for (const group of [
      createCases,
      loadCases,
      updateCases,
      touchCases,
      retireCases,
      deleteCases,
      ofUserCases,
      deleteOfUserCases,
      endOfUserCases,
      sweepCases,
      closeCases,
      raceCases,
      userRaceCases,
      busyWriterCases,
      churnCases,
      nameCases,
      bodyCases,
      sizeCases(SIZES[sizes]),
    ]) {
      define(runner, group, onShared);
    }
    if (openAlone === undefined) return;
    for (const group of [deleteAllCases, aloneCases]) {
      define(runner, group, async ({ run }) => {
        const alone = await openAlone();
        await runOn(new CaseBench(...alone, open), run).finally(() => closeAll(alone));
      });
    }
  });
}

function checkOptions(options: StoreSuiteOptions): void {
  knownOnly('storeSuite', options, ['runner', 'name', 'open', 'openAlone', 'sizes']);
  const { runner, open, sizes = 'default' } = options;
  checkRunner('storeSuite', runner);
  if (typeof open !== 'function')
    throw new TypeError('storeSuite: option open: expected a function that opens a store');
  if (!Object.hasOwn(SIZES, sizes))
    throw new TypeError("storeSuite: option sizes: expected 'small', 'default' or 'large'");
}

function define(runner: SuiteRunner, { title, cases }: StoreCases, run: (one: StoreCase) => Promise<void>): void {
  runner.describe(title, () => {
    for (const one of cases) defineCase(runner, one.title, () => run(one), one.timeout ?? DEFAULT_TIMEOUT);
  });
}

async function runOn(bench: CaseBench, run: StoreCase['run']): Promise<void> {
  await run(bench).finally(() => bench.clean());
}

async function closeAll(clients: readonly Store[]): Promise<void> {
  await Promise.all(Array.from(new Set(clients), (client) => client.close()));
}
