import { expect } from 'chai';
import { type AdapterSuiteOptions, adapterSuite, type InjectedApp } from '../../src/testing/index.js';
import { type Defect, serveBroken } from './broken-adapters/broken-adapter.js';
import { BROKEN_ADAPTERS } from './broken-adapters/index.js';
import { CollectingRunner } from './collecting-runner.js';

function suiteOf(defect?: Defect): CollectingRunner {
  const runner = new CollectingRunner();
  adapterSuite({ runner, name: 'A', users: 20, serve: (app) => serveBroken(app, defect) });
  return runner;
}

/** Topic and title of a case, without the way and kind before. */
const nameOf = (title: string): string => title.replace(/^[^:]*: /, '');

describe('adapterSuite', () => {
  it('names the option that is missing or wrong', () => {
    const runner = new CollectingRunner();
    const serve = serveBroken;
    for (const [options, message] of [
      [{ name: 'A', serve }, 'option runner: expected the runner'],
      [{ runner, name: 'A' }, 'at least one of the options serve and inject must be set'],
      [{ runner, name: 'A', serve: 3000 }, 'option serve: expected a function that starts an application'],
      [{ runner, name: 'A', inject: {} }, 'option inject: expected a function'],
      [{ runner, name: 'A', serve, lacks: ['cookies'] }, "option lacks: expected an array of 'content-length'"],
      [{ runner, name: 'A', serve, lacks: 'loopback' }, 'option lacks: expected an array'],
      [{ runner, name: 'A', serve, users: 0 }, 'option users: expected a whole number of 1 or more'],
      [{ runner, name: 'A', server: serve }, 'unknown option "server"'],
    ] as const) {
      expect(() => Reflect.apply(adapterSuite, undefined, [options])).to.throw(TypeError, message);
    }
    expect(runner.cases).to.deep.equal([]);
  });

  it('leaves out what a server lacks, and what is about connections where there are none', () => {
    const count = (options: Omit<AdapterSuiteOptions, 'runner' | 'name'>): number => {
      const runner = new CollectingRunner();
      adapterSuite({ runner, name: 'A', ...options });
      return runner.cases.length;
    };
    const all = count({ serve: serveBroken });
    expect(count({ serve: serveBroken, lacks: ['loopback'] })).to.equal(all - 3);
    expect(count({ serve: serveBroken, lacks: ['content-length', 'sub-applications'] })).to.equal(all - 9);
    const inject = (): Promise<InjectedApp> => Promise.reject(new Error('not called'));
    expect(count({ inject }), 'without connections').to.equal(all - 17);
    expect(count({ serve: serveBroken, inject })).to.equal(all + all - 17);
  });

  it('has a broken adapter for every case', () => {
    const failing = new Set(BROKEN_ADAPTERS.map((one) => one.failing));
    const names = suiteOf().cases.map(({ title }) => nameOf(title));
    expect(names.filter((name) => !failing.has(name))).to.deep.equal([]);
    expect([...failing].filter((one) => !names.includes(one))).to.deep.equal([]);
  });

  for (const { that, failing, defect } of BROKEN_ADAPTERS) {
    it(`finds an adapter that ${that}, by "${failing}"`, async () => {
      const isMeant = (title: string): boolean => nameOf(title) === failing;
      const meant = suiteOf().cases.filter(({ title }) => isMeant(title));
      const failures = await suiteOf(defect).failures(isMeant);
      expect([...failures.keys()]).to.deep.equal(meant.map(({ title }) => title));
    });
  }
});
