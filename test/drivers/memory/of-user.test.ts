import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { StoreUnavailable } from '../../../src/errors.js';
import { countingTurns } from '../../../src/testing/store-cases/turns.js';
import { NOW, record, tombstone } from './support.js';

const COUNT = 2_000;
const LAST = `id-${COUNT - 1}`;
/** With 500 entries a turn. */
const TURNS = COUNT / 500;

async function storeOf(count: number, lineage?: string): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (let index = 0; index < count; index += 1) {
    const id = `id-${index}`;
    await store.create(record(id, { uid: 'u1', lineage: lineage ?? id }));
  }
  return store;
}

describe("MemoryStore with a user's many sessions", () => {
  beforeEach(() => {
    sinon.stub(performance, 'now').returns(0);
  });

  afterEach(() => sinon.restore());

  it('lists them in turns, but few at once, whatever else is under way', async () => {
    const store = await storeOf(COUNT);
    const [, turns] = await countingTurns(() => store.ofUser('u1', NOW));
    expect(turns).to.be.within(TURNS - 1, TURNS);
    for (let index = 0; index < 64; index += 1) await store.create(record(`few-${index}`, { uid: 'u2' }));
    const many = store.ofUser('u1', NOW);
    const [few, fewTurns] = await countingTurns(() => store.ofUser('u2', NOW));
    expect([few.length, fewTurns]).to.deep.equal([64, 0]);
    await many;
  });

  it('leaves out of a list one that meanwhile is of another user or of another lineage', async () => {
    for (const change of [{ uid: 'u2' }, { uid: 'u1', lineage: 'another' }]) {
      const store = await storeOf(COUNT, 'lineage');
      const listing = store.ofUser('u1', NOW, 'lineage');
      // The newest of a lineage comes first.
      await store.update(record('id-0', { lineage: 'lineage', ...change }));
      const ids = (await listing).map(({ id }) => id);
      expect([ids.length, ids.includes('id-0')]).to.deep.equal([COUNT - 1, false]);
    }
  });

  it('ends them in turns, in one call or in many that follow one another at once', async () => {
    const { id: _, ...grave } = tombstone('a');
    for (const limit of [undefined, 500, 100]) {
      for (const options of [{ limit }, { limit, tombstone: grave }]) {
        const store = await storeOf(COUNT);
        const [, turns] = await countingTurns(async () => {
          while ((await store.deleteOfUser('u1', LAST, options)).length === limit);
        });
        expect((await store.ofUser('u1', NOW)).map(({ id }) => id)).to.deep.equal([LAST]);
        expect(turns).to.be.within(TURNS - 2, TURNS + 1);
      }
    }
  });

  it('ends those too that come while the others end, for as long as there are others', async () => {
    const store = await storeOf(COUNT);
    const ending = store.deleteOfUser('u1');
    await store.create(record('new', { uid: 'u1' }));
    const ended = await ending;
    expect([ended.length, ended.includes('new')]).to.deep.equal([COUNT + 1, true]);
    expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
  });

  it('says that some may be left when it is closed while they end', async () => {
    const store = await storeOf(COUNT);
    const ending = store.deleteOfUser('u1').catch((error: unknown) => error);
    await store.close();
    expect(await ending).to.be.instanceOf(StoreUnavailable);
  });

  it('ends none after deleteAll, which came first', async () => {
    const store = await storeOf(COUNT);
    const ending = store.deleteOfUser('u1');
    const removed = await store.deleteAll();
    expect((await ending).length + removed).to.equal(COUNT);
    expect(await store.deleteAll()).to.equal(0);
  });

  it("spares none for a name that is the id of another user's session", async () => {
    const store = await storeOf(2, 'lineage');
    await store.create(record('another', { uid: 'u2', lineage: 'lineage' }));
    expect(await store.deleteOfUser('u1', 'another')).to.have.lengthOf(2);
  });
});
