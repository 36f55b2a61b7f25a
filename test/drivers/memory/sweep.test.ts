import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { countingTurns } from '../../../src/testing/store-cases/turns.js';
import { NOW, record, tombstone } from './support.js';

async function storeOf(count: number, expiresAt: number): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (let index = 0; index < count; index += 1) await store.create(record(`id-${index}`, { expiresAt }));
  return store;
}

describe('MemoryStore sweep', () => {
  afterEach(() => sinon.restore());

  it('lets others have a turn after every 32 entries once it has taken a ms', async () => {
    const store = await storeOf(3200, NOW + 1);
    let time = 0;
    sinon.stub(performance, 'now').callsFake(() => {
      time += 0.5;
      return time;
    });
    const [swept, turns] = await countingTurns(() => store.sweep(NOW, 10));
    expect(swept).to.deep.equal([]);
    // One look at the clock when a slice begins, and one after every 32 entries: the second of these is a ms later.
    expect(turns).to.be.within(48, 52);
  });

  it('lets others have a turn after every 500 entries, in a call or in many that follow one another at once', async () => {
    sinon.stub(performance, 'now').returns(0);
    for (const limit of [10_000, 500, 100, 30, 7]) {
      const store = await storeOf(5_000, NOW);
      const [, turns] = await countingTurns(async () => {
        while ((await store.sweep(NOW, limit)).length === limit);
      });
      expect(turns, `by ${limit}`).to.be.within(9, 11);
    }
  });

  it('lets others have as many turns while it is swept by several at once', async () => {
    sinon.stub(performance, 'now').returns(0);
    const store = await storeOf(5_000, NOW + 1);
    const [, turns] = await countingTurns(() => Promise.all([1, 2, 3].map(() => store.sweep(NOW, 10))));
    expect(turns).to.be.within(28, 31);
  });

  it('reports nothing that deleteAll removed meanwhile, and leaves what was created since', async () => {
    const store = await storeOf(5_000, NOW);
    const sweeping = store.sweep(NOW, 10_000);
    const removed = await store.deleteAll();
    await store.create(record('new', { expiresAt: NOW }));
    const swept = await sweeping;
    expect(swept.length + removed).to.equal(5_000);
    expect(await store.deleteAll()).to.equal(1);
  });

  it('goes on where it left off, so that with a limit all have their turn, however many expire meanwhile', async () => {
    const store = await storeOf(20, NOW);
    const swept = new Set<string>();
    for (let turn = 0; turn < 20; turn += 1) {
      const [first] = await store.sweep(NOW, 1);
      swept.add(first?.id ?? '');
      await store.create(record(first?.id ?? '', { expiresAt: NOW }));
    }
    expect(swept.size).to.be.above(15);
  });

  it('takes nothing with a limit of nothing', async () => {
    const store = await storeOf(2, NOW);
    expect(await store.sweep(NOW, 0)).to.deep.equal([]);
    expect(await store.deleteAll()).to.equal(2);
  });

  it('tells whose sessions it took, and which were tombstones', async () => {
    const store = new MemoryStore();
    await store.create(record('a', { uid: 'u1', expiresAt: NOW }));
    await store.create(record('b', { expiresAt: NOW }));
    await store.create(record('c', { uid: 'u1' }));
    await store.retire('c', 0, tombstone('c', NOW));
    const swept = [...(await store.sweep(NOW, 10))].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(swept).to.deep.equal([
      { id: 'a', uid: 'u1' },
      { id: 'b', uid: null },
      { id: 'c', uid: null, retired: true },
    ]);
  });

  it('spares what is given a longer life, and takes what expires, while it is under way', async () => {
    const store = await storeOf(50_000, NOW);
    const sweeping = store.sweep(NOW, 100_000);
    const longer = await Promise.all(
      Array.from({ length: 50_000 }, (_, index) => store.touch(`id-${index}`, null, NOW + 1, NOW + 60_000)),
    );
    const swept = await sweeping;
    expect(swept.length + longer.filter((isThere) => isThere).length).to.equal(50_000);
    expect(swept.length).to.be.above(0);
    expect(await store.deleteAll()).to.equal(50_000 - swept.length);
  });

  it('ends early when the store is closed meanwhile', async () => {
    const store = await storeOf(50_000, NOW);
    const sweeping = store.sweep(NOW, 100_000);
    await store.close();
    expect((await sweeping).length).to.be.below(50_000);
  });
});
