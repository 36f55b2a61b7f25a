import { expect } from 'chai';
import { MemoryStore } from '../../src/drivers/memory/store.js';
import type { SessionRecord, Store } from '../../src/ports/store.js';
import { FaultyStore, storeSuite } from '../../src/testing/index.js';
import { closing } from './broken-stores/closing.js';
import { ending } from './broken-stores/ending.js';
import { hurried } from './broken-stores/hurried.js';
import { inSteps } from './broken-stores/in-steps.js';
import { racing } from './broken-stores/racing.js';
import { reading } from './broken-stores/reading.js';
import { sweeping } from './broken-stores/sweeping.js';
import { texts } from './broken-stores/texts.js';
import { touching } from './broken-stores/touching.js';
import { updating } from './broken-stores/updating.js';
import { users } from './broken-stores/users.js';
import { writing } from './broken-stores/writing.js';
import { CollectingRunner } from './collecting-runner.js';

const BROKEN_STORES = [
  closing,
  ending,
  hurried,
  inSteps,
  racing,
  reading,
  sweeping,
  texts,
  touching,
  updating,
  users,
  writing,
].flat();

function suiteOf(open: () => Store, { isShared = false } = {}): CollectingRunner {
  const runner = new CollectingRunner();
  storeSuite({
    runner,
    name: 'S',
    sizes: 'small',
    open: async () => (isShared ? clientOf(open()) : open()),
    openAlone: async () => {
      const store = isShared ? new MemoryStore() : open();
      return [store, store];
    },
  });
  return runner;
}

/** Whoever shares a store does not close it for the others. */
function clientOf(store: Store): Store {
  const client = new FaultyStore(store);
  return Object.assign(client, { close: async () => client.disconnect() });
}

function record(id: string, changes: Partial<SessionRecord>): SessionRecord {
  const now = Date.now();
  const times = { created: now, lastAccess: now, lastUpdate: now, expiresAt: null };
  return { id, lineage: id, version: 0, uid: null, body: '"foreign"', ...times, ...changes };
}

describe('storeSuite', () => {
  it('names the option that is missing or wrong', () => {
    const runner = new CollectingRunner();
    const open = async (): Promise<Store> => new MemoryStore();
    for (const [options, message] of [
      [{ name: 'S', open }, 'option runner: expected the runner'],
      [{ runner: { describe, it }, name: 'S', open }, '{ describe, it, before, after }'],
      [{ runner, name: 'S', open: new MemoryStore() }, 'option open: expected a function that opens a store'],
      [{ runner, name: 'S', open, sizes: 'tiny' }, "option sizes: expected 'small', 'default' or 'large'"],
      [{ runner, name: 'S', open, openalone: open }, 'unknown option "openalone": the options are runner, name, open'],
    ] as const) {
      expect(() => Reflect.apply(storeSuite, undefined, [options])).to.throw(TypeError, message);
    }
    expect(runner.cases).to.deep.equal([]);
  });

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

  it('is not disturbed by what others keep in the same store, and leaves that alone', async () => {
    const store = new MemoryStore();
    const uids = ['*', '%', '0', '__proto__', 'constructor', 'user ', null];
    const foreign = uids.map((uid, index) => record(`foreign-${index}`, { uid }));
    foreign.push(record('__proto__', {}), record('-', { expiresAt: Date.now() + 1000 }));
    foreign.push(record('expired', { uid: '*', expiresAt: Date.now() - 1000 }));
    for (const one of [...foreign, record('ended', {})]) await store.create(one);
    const tombstone = { id: 'ended', retired: { successor: null, at: 1 }, expiresAt: Date.now() };
    await store.retire('ended', 0, tombstone);

    expect([...(await suiteOf(() => store, { isShared: true }).failures())]).to.deep.equal([]);
    for (const one of [...foreign, tombstone]) expect(await store.load(one.id, 0)).to.deep.equal(one);
    expect(await store.deleteAll(), 'sessions left').to.equal(foreign.length);
  });

  it('may run several times at once on the same store', async () => {
    const store = new MemoryStore();
    const runs = [1, 2, 3].map(() => suiteOf(() => store, { isShared: true }).failures());
    for (const failures of await Promise.all(runs)) expect([...failures]).to.deep.equal([]);
    expect(await store.deleteAll(), 'sessions left').to.equal(0);
  });
});
