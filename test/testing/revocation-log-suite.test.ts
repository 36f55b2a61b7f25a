import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import type { RevocationLog } from '../../src/index.js';
import { revocationLogSuite } from '../../src/testing/index.js';
import { appending } from './broken-logs/appending.js';
import { opening } from './broken-logs/broken-log.js';
import { readers } from './broken-logs/readers.js';
import { reading } from './broken-logs/reading.js';
import { CollectingRunner } from './collecting-runner.js';

const BROKEN_LOGS = [appending, reading, readers].flat();

function suiteOf(open: () => RevocationLog): CollectingRunner {
  const runner = new CollectingRunner();
  revocationLogSuite({ runner, name: 'L', create: async () => open() });
  return runner;
}

/** The cases that fail; time passes as fast as the logs can work, so that no limit is waited for. */
async function failuresOf(open: () => RevocationLog, isWanted?: (title: string) => boolean): Promise<string[]> {
  const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let isOver = false;
    const failures = suiteOf(open)
      .failures(isWanted)
      .finally(() => {
        isOver = true;
      });
    while (!isOver) {
      await nextTurn();
      clock.tick(50);
    }
    return [...(await failures).keys()];
  } finally {
    clock.restore();
  }
}

describe('revocationLogSuite', () => {
  it('names the option that is missing or wrong', () => {
    const runner = new CollectingRunner();
    const create = async (): Promise<RevocationLog> => opening()();
    for (const [options, message] of [
      [{ name: 'L', create }, 'revocationLogSuite: option runner: expected the runner'],
      [{ runner, name: 'L', create: opening()() }, 'option create: expected a function that opens a log'],
      [{ runner, name: 'L', create, open: create }, 'unknown option "open": the options are runner, name, create'],
    ] as const) {
      expect(() => Reflect.apply(revocationLogSuite, undefined, [options])).to.throw(TypeError, message);
    }
    expect(runner.cases).to.deep.equal([]);
  });

  it('finds nothing wrong with a log that is right', async () => {
    expect(await failuresOf(opening())).to.deep.equal([]);
  });

  it('asks nothing of readers where a log has none', async () => {
    expect(await failuresOf(opening(() => ({ readers: undefined })))).to.deep.equal([]);
  });

  it('finds a log that has readers in one process only', async () => {
    const open = opening((intact, index) => ({ readers: index === 1 ? intact.readers : undefined }));
    const failures = await failuresOf(open, (title) => title.includes('that has seen null'));
    expect(failures).to.have.lengthOf(1);
  });

  it('has a broken log for every case', () => {
    const failing = new Set(BROKEN_LOGS.map((one) => `L: ${one.failing}`));
    const titles = suiteOf(opening()).cases.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    expect(titles.filter((title) => !failing.has(title))).to.deep.equal([]);
  });

  for (const { that, failing, backend } of BROKEN_LOGS) {
    it(`finds a log that ${that}`, async () => {
      const title = `L: ${failing}`;
      expect(await failuresOf(backend(), (one) => one === title)).to.deep.equal([title]);
    });
  }
});
