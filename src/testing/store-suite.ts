import assert from 'node:assert/strict';
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
import { defineCase, hook, type SuiteRunner } from './suite-runner.js';

const MIB = 1024 * 1024;
const DEFAULT_TIMEOUT = 30_000;

const SIZES: Readonly<Record<'small' | 'default' | 'large', CaseSizes>> = {
  small: { records: 1_000, sessions: 2_000, body: MIB, timeout: 30_000 },
  default: { records: 100_000, sessions: 20_000, body: 10 * MIB, timeout: 180_000 },
  large: { records: 1_000_000, sessions: 20_000, body: 100 * MIB, timeout: 1_800_000 },
};

/** What {@link storeSuite} needs. */
export interface StoreSuiteOptions {
  /** What runs the cases, such as mocha's `{ describe, it, before, after }`; see {@link SuiteRunner}. */
  readonly runner: SuiteRunner;
  /** How the store is called in the titles. */
  readonly name: string;
  /**
   * A new client of the backend under test. Others may keep their sessions there meanwhile: the suite touches only what
   * it made, but for what expired before 1970-01-03, which it sweeps. A store of reach 'process' is a backend of its own.
   */
  readonly open: () => Promise<Store>;
  /**
   * Two clients of an empty backend that nobody else uses (a database, folder or prefix of its own), anew at each call;
   * for a store of reach 'process' the same one twice. Only there can `deleteAll` be tested. Absent = those cases are
   * left out.
   */
  readonly openAlone?: (() => Promise<readonly [Store, Store]>) | undefined;
  /**
   * How much the largest cases store: 100,000 records and a body of 10 MiB by 'default', 1,000,000 and 100 MiB when
   * 'large', 1,000 and 1 MiB when 'small'. Another case
   * stores 20,000 sessions of one user, 2,000 when 'small'. The longest JSON text of Node has 512 MiB.
   */
  readonly sizes?: 'small' | 'default' | 'large' | undefined;
}

/**
 * Defines the cases that every {@link Store} must pass: each sentence of the port, and what comes of operations that
 * meet. Needs nothing but a runner; the store may be anything that has the port's methods. No case waits for time to
 * pass, and each removes what it stored.
 */
export function storeSuite({ runner, name, open, openAlone, sizes = 'default' }: StoreSuiteOptions): void {
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
