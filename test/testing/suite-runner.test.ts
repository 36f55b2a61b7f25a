import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import Mocha from 'mocha';
import { MemoryStore } from '../../src/drivers/memory/store.js';
import { type SuiteRunner, storeSuite } from '../../src/testing/index.js';
import { CollectingRunner } from './collecting-runner.js';

const open = async (): Promise<MemoryStore> => new MemoryStore();

function nodeTest(fixture: string): { readonly status: number | null; readonly output: string } {
  const file = join(import.meta.dirname, 'fixtures', fixture);
  const args = ['--import', 'tsx/esm', '--test', '--test-reporter=tap', file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('storeSuite on a runner', () => {
  it('runs on node:test', () => {
    const runner = new CollectingRunner();
    storeSuite({ runner, name: 'sound', open, sizes: 'small' });
    const { status, output } = nodeTest('sound.node-test.ts');
    expect(output).to.include(`# pass ${runner.cases.length}\n# fail 0\n`);
    expect(status).to.equal(0);
  }).timeout(60_000);

  it('has a case fail on node:test', () => {
    const { status, output } = nodeTest('broken.node-test.ts');
    expect(output).to.match(/not ok \d+ - removes a session and returns true, once/);
    expect(output).to.match(/ {8}ok \d+ - stores a new record unchanged/);
    expect(status).to.equal(1);
  }).timeout(60_000);

  it('gives every case on mocha the time that it needs', () => {
    const root = Mocha.Suite.create(new Mocha({ timeout: 5 }).suite, 'all');
    let suite = root;
    const runner: SuiteRunner = {
      describe(title, define) {
        const around = suite;
        suite = Mocha.Suite.create(around, title);
        define();
        suite = around;
      },
      it(title, run) {
        const test = new Mocha.Test(title, run);
        suite.addTest(test);
        return test;
      },
      before: (run) => suite.beforeAll(run),
      after: (run) => suite.afterAll(run),
    };
    storeSuite({ runner, name: 'M', open });
    const timeouts = new Map<string, number>();
    root.eachTest((test) => timeouts.set(test.title, test.timeout()));
    expect(timeouts.get('stores a new record unchanged')).to.equal(30_000);
    expect(timeouts.get('a body may have 10485760 bytes')).to.equal(180_000);
    expect(Math.min(...timeouts.values())).to.equal(30_000);
  });

  it('takes beforeAll and afterAll for before and after, as vitest and jest have them', async () => {
    const hooks: (() => Promise<void>)[] = [];
    const stores: MemoryStore[] = [];
    const collecting = new CollectingRunner();
    storeSuite({
      runner: {
        describe: (title, define) => collecting.describe(title, define),
        it: (title, run, timeout) => collecting.it(title, run, timeout),
        beforeAll: (run) => hooks.push(run),
        afterAll: (run) => hooks.push(run),
      },
      name: 'V',
      open: async () => {
        const store = new MemoryStore();
        stores.push(store);
        return store;
      },
    });
    const timeoutOf = (end: string): number | undefined =>
      collecting.cases.find(({ title }) => title.endsWith(end))?.timeout;
    expect([timeoutOf('stores a new record unchanged'), timeoutOf('10485760 bytes')]).to.deep.equal([30_000, 180_000]);
    const [begin, end] = hooks;
    await begin?.();
    await collecting.cases.find(({ title }) => title === 'V: create: stores a new record unchanged')?.run();
    await end?.();
    expect(stores).to.have.lengthOf(1);
    expect(await stores[0]?.load('a', 0).catch((error: Error) => error.name)).to.equal('StoreUnavailable');
  });
});
