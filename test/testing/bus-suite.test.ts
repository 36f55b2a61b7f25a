import { expect } from 'chai';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { Bus } from '../../src/ports/bus.js';
import { busSuite } from '../../src/testing/index.js';
import { messages } from './broken-buses/messages.js';
import { activity, closing, values } from './broken-buses/values.js';
import { CollectingRunner } from './collecting-runner.js';

const BROKEN_BUSES = [messages, values, activity, closing].flat();

function suiteOf(open: () => Bus): CollectingRunner {
  const runner = new CollectingRunner();
  busSuite({ runner, name: 'B', create: async () => open() });
  return runner;
}

describe('busSuite', () => {
  it('names the option that is missing or wrong', () => {
    const runner = new CollectingRunner();
    const create = async (): Promise<Bus> => new MemoryBus();
    for (const [options, message] of [
      [{ name: 'B', create }, 'busSuite: option runner: expected the runner'],
      [{ runner, name: 'B', create: new MemoryBus() }, 'option create: expected a function that opens a bus'],
      [{ runner, name: 'B', create, open: create }, 'unknown option "open": the options are runner, name, create'],
    ] as const) {
      expect(() => Reflect.apply(busSuite, undefined, [options])).to.throw(TypeError, message);
    }
    expect(runner.cases).to.deep.equal([]);
  });

  it('has a broken bus for every case', () => {
    const failing = new Set(BROKEN_BUSES.map((one) => `B: ${one.failing}`));
    const titles = suiteOf(() => new MemoryBus()).cases.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    expect(titles.filter((title) => !failing.has(title))).to.deep.equal([]);
  });

  for (const { that, failing, open } of BROKEN_BUSES) {
    it(`finds a bus that ${that}`, async () => {
      const title = `B: ${failing}`;
      const intact = await suiteOf(() => new MemoryBus()).failures((one) => one === title);
      expect([...intact.keys()]).to.deep.equal([]);
      const failures = await suiteOf(open).failures((one) => one === title);
      expect([...failures.keys()]).to.deep.equal([title]);
    });
  }
});
