import { expect } from 'chai';
import { MemoryStore, type SessionRecord, type Store } from '../../src/index.js';
import { checkEnd, checkUser } from './check-user.js';
import { type Operation, perform } from './operation.js';
import { UserModel } from './user-model.js';

const NOW = 1_000;

function record(id: string, more: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: 1, lastAccess: 1, lastUpdate: 1, expiresAt: null };
  return { id, lineage: 'ann', version: 0, uid: 'ann', body: '{}', ...times, ...more };
}

const RETIRE: Operation = {
  kind: 'retire',
  version: null,
  tombstone: { id: 'a', retired: { successor: 'b', at: 1 }, expiresAt: 10_000 },
};

describe('the check of a user', () => {
  let store: MemoryStore;
  let model: UserModel;

  beforeEach(async () => {
    store = new MemoryStore();
    model = new UserModel('ann');
    await done({ kind: 'create', record: record('a') }, { kind: 'create', record: record('b', { lineage: 'other' }) });
  });

  afterEach(() => store.close());

  /** Does it in the store, and takes the answer. */
  async function done(...operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) model.acknowledge(operation, await perform(store, operation), NOW);
  }

  /** The store with something broken. */
  function storeWith(other: Partial<Store>): Store {
    return {
      create: (one, replaces) => store.create(one, replaces),
      load: (id, now) => store.load(id, now),
      update: (one) => store.update(one),
      touch: (...args) => store.touch(...args),
      retire: (...args) => store.retire(...args),
      delete: (id) => store.delete(id),
      ofUser: (...args) => store.ofUser(...args),
      deleteOfUser: (...args) => store.deleteOfUser(...args),
      sweep: (now, limit) => store.sweep(now, limit),
      close: () => store.close(),
      ...other,
    };
  }

  async function found(other: Partial<Store> = {}): Promise<readonly string[]> {
    const { violations } = await checkUser(model, storeWith(other), NOW);
    return violations.map(({ about, text }) => `${about}: ${text}`);
  }

  it('counts what there is, when all is well', async () => {
    await done({ kind: 'create', record: record('c') }, RETIRE, { kind: 'delete', id: 'c' });
    const report = await checkUser(model, store, NOW);
    expect(report).to.deep.equal({ violations: [], sessions: 1, tombstones: 1, absent: 1 });
  });

  it('catches a session that is lost', async () => {
    await store.delete('a');
    expect(await found()).to.have.length(1);
    expect((await found())[0]).to.match(/^a: what was acknowledged is lost/);
  });

  it('catches a session that ended and is back', async () => {
    model.acknowledge(RETIRE, 'ok', NOW);
    expect((await found())[0]).to.match(/^a: it ended, and is back/);
  });

  it('catches a tombstone that leads elsewhere', async () => {
    await store.retire('a', null, { id: 'a', retired: { successor: 'c', at: 1 }, expiresAt: 10_000 });
    model.acknowledge(RETIRE, 'ok', NOW);
    expect((await found())[0]).to.match(/^a: .* is stored, not /);
  });

  it('catches an older body under the right version', async () => {
    await done({ kind: 'update', record: record('a', { body: '"new"' }) });
    const load: Store['load'] = async (id, now) => {
      const entry = await store.load(id, now);
      return id === 'a' && entry && 'body' in entry ? { ...entry, body: '{}' } : entry;
    };
    expect((await found({ load }))[0]).to.match(/^a: .* is stored, not /);
  });

  it('catches an index without a session, and one with a session that ended', async () => {
    const all = await store.ofUser('ann', NOW);
    expect(
      await found({ ofUser: async (uid, now, lineage) => (lineage ? store.ofUser(uid, now, lineage) : []) }),
    ).to.deep.equal(['ann: ofUser returned none, but load finds a (version 0), b (version 0)']);
    await done({ kind: 'delete', id: 'a' });
    const ofUser: Store['ofUser'] = async (uid, now, lineage) => (lineage ? store.ofUser(uid, now, lineage) : all);
    expect(await found({ ofUser })).to.deep.equal([
      'ann: ofUser returned a (version 0), b (version 0), but load finds b (version 0)',
    ]);
  });

  it('catches an index of lineages that returns another lineage', async () => {
    const problems = await found({ ofUser: (uid, now) => store.ofUser(uid, now) });
    expect(problems.map((problem) => problem.slice(0, 30))).to.deep.equal([
      'ann: ofUser with lineage ann r',
      'ann: ofUser with lineage other',
    ]);
  });

  it('catches a session that deleteOfUser leaves', async () => {
    const lazy = storeWith({ deleteOfUser: async () => [] });
    expect(await checkEnd(model, lazy, NOW)).to.deep.equal([
      { about: 'a', text: 'deleteOfUser left it' },
      { about: 'b', text: 'deleteOfUser left it' },
    ]);
    expect(await checkEnd(model, store, NOW)).to.deep.equal([]);
  });
});
