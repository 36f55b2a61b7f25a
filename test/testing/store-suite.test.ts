import { expect } from 'chai';
import { MemoryStore } from '../../src/drivers/memory/store.js';
import type { Store } from '../../src/ports/store.js';
import { storeSuite } from '../../src/testing/index.js';
import { closing } from './broken-stores/closing.js';
import { ending } from './broken-stores/ending.js';
import { racing } from './broken-stores/racing.js';
import { reading } from './broken-stores/reading.js';
import { sweeping } from './broken-stores/sweeping.js';
import { texts } from './broken-stores/texts.js';
import { touching } from './broken-stores/touching.js';
import { updating } from './broken-stores/updating.js';
import { users } from './broken-stores/users.js';
import { writing } from './broken-stores/writing.js';
import { CollectingRunner } from './collecting-runner.js';

const BROKEN_STORES = [closing, ending, racing, reading, sweeping, texts, touching, updating, users, writing].flat();

function suiteOf(open: () => Store): CollectingRunner {
  const runner = new CollectingRunner();
  storeSuite({
    runner,
    name: 'S',
    sizes: 'small',
    open: async () => open(),
    openAlone: async () => {
      const store = open();
      return [store, store];
    },
  });
  return runner;
}

describe('storeSuite', () => {
  it('gives every case a title of its own', () => {
    const titles = suiteOf(() => new MemoryStore()).cases.map(({ title }) => title);
    expect(titles).to.have.lengthOf.above(80);
    expect(new Set(titles).size).to.equal(titles.length);
  });

  it('has a broken store for every case', () => {
    const failing = new Set(BROKEN_STORES.map((one) => `S: ${one.failing}`));
    const titles = suiteOf(() => new MemoryStore()).cases.map(({ title }) => title);
    expect(titles.filter((title) => !failing.has(title))).to.deep.equal([]);
  });

  for (const { that, failing, open } of BROKEN_STORES) {
    it(`finds a store that ${that}`, async () => {
      const title = `S: ${failing}`;
      const intact = await suiteOf(() => new MemoryStore()).failures((one) => one === title);
      expect([...intact.keys()]).to.deep.equal([]);
      const failures = await suiteOf(open).failures((one) => one === title);
      expect([...failures.keys()]).to.deep.equal([title]);
    });
  }
});
