import { expect } from 'chai';
import fc from 'fast-check';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import type { Retired } from '../../../src/ports/store.js';
import { contentsOf, misfiled, newPath, record } from './support.js';

function tombstone(id: string, expiresAt: number): Retired {
  return { id, retired: { successor: null, at: 1 }, expiresAt };
}

function filedAt(time: number, id: string): string {
  return `${time.toString(36).padStart(11, '0')}${id}`;
}

describe("LmdbStore's index of what expires when", () => {
  let path = '';
  let store: LmdbStore;

  beforeEach(() => {
    path = newPath();
    store = new LmdbStore({ path });
  });

  afterEach(async () => {
    await store.close();
  });

  async function filed(): Promise<readonly string[]> {
    await store.close();
    const contents = await contentsOf(path);
    expect(misfiled(contents)).to.deep.equal([]);
    store = new LmdbStore({ path });
    return contents.expiry;
  }

  it('is left alone when a session lives longer, and the sweep puts it right', async () => {
    await store.create(record('a', { expiresAt: 2_000 }));
    await store.update(record('a', { expiresAt: 3_000 }));
    await store.touch('a', 'ann', 1_500, 4_000);
    expect(await filed()).to.deep.equal([filedAt(2_000, 'a')]);
    expect(await store.sweep(3_999, 10)).to.deep.equal([]);
    expect(await filed()).to.deep.equal([filedAt(4_000, 'a')]);
    expect(await store.load('a', 0)).to.deep.equal(record('a', { version: 1, lastAccess: 1_500, expiresAt: 4_000 }));
    expect(await store.sweep(4_000, 10)).to.deep.equal([{ id: 'a', uid: 'ann' }]);
    expect(await filed()).to.deep.equal([]);
  });

  it('follows a life that gets shorter at once', async () => {
    await store.create(record('updated', { expiresAt: 9_000 }));
    await store.create(record('touched', { expiresAt: 9_000 }));
    await store.create(record('retired', { expiresAt: 9_000 }));
    await store.update(record('updated', { expiresAt: 2_000 }));
    await store.touch('touched', null, 1_001, 2_000);
    await store.retire('retired', 0, tombstone('retired', 2_000));
    expect(await filed()).to.deep.equal(['retired', 'touched', 'updated'].map((id) => filedAt(2_000, id)));
    expect(await store.sweep(1_999, 10)).to.deep.equal([]);
    expect(await store.sweep(2_000, 10)).to.have.lengthOf(3);
  });

  it('has nothing for what never expires, and comes and goes with the expiry', async () => {
    await store.create(record('a', { expiresAt: null }));
    await store.create(record('b', { expiresAt: 2_000 }));
    expect(await filed()).to.deep.equal([filedAt(2_000, 'b')]);
    await store.update(record('a', { expiresAt: 3_000 }));
    await store.update(record('b', { expiresAt: null }));
    expect(await filed()).to.deep.equal([filedAt(3_000, 'a')]);
    await store.update(record('a', { version: 1, expiresAt: null }));
    expect(await store.sweep(8_640_000_000_000_000, 10)).to.deep.equal([]);
    expect(await filed()).to.deep.equal([]);
  });

  it('keeps nothing of what was removed, however it was', async () => {
    const ids = ['deleted', 'of-user', 'retired', 'swept'];
    for (const id of ids) await store.create(record(id, { uid: id }));
    for (const id of ids) await store.touch(id, id, 1_001, 3_000);
    await store.delete('deleted');
    await store.deleteOfUser('of-user');
    await store.retire('retired', 0, tombstone('retired', 2_500));
    await store.delete('retired');
    await store.sweep(3_000, 10);
    expect(await filed()).to.deep.equal([]);
    for (const id of ids) await store.create(record(id, { expiresAt: 1 + id.length }));
    expect(await store.deleteAll()).to.equal(4);
    expect(await filed()).to.deep.equal([]);
  });

  it('hides none that has expired behind many that live on', async () => {
    const ids = Array.from({ length: 1_200 }, (_, n) => `longer-${n}`);
    await Promise.all(ids.map((id) => store.create(record(id, { expiresAt: 2_000 }))));
    await Promise.all(ids.map((id) => store.touch(id, 'ann', 1_001, 9_000)));
    await store.create(record('over', { expiresAt: 2_001 }));
    expect(await store.sweep(2_001, 5)).to.deep.equal([{ id: 'over', uid: 'ann' }]);
    expect(await store.sweep(9_000, 10_000)).to.have.lengthOf(1_200);
  });

  it('holds times to the last that there is, in their order', async () => {
    const last = 8_640_000_000_000_000;
    const times = [0, 1, 35, 36, 46_655, 46_656, Date.UTC(2026, 10, 22), last - 1, last];
    for (const time of times) await store.create(record(`at-${time}`, { expiresAt: time }));
    for (const time of times) {
      expect(await store.sweep(time - 1, 10)).to.deep.equal([]);
      expect((await store.sweep(time, 10)).map(({ id }) => id)).to.deep.equal([`at-${time}`]);
    }
  });

  it('is as it should be after whatever was done', async () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const time = fc.integer({ min: 1, max: 40 });
    const expiry = fc.option(time);
    const uid = fc.constantFrom(null, 'ann', 'bob');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('create' as const), id, uid, expiresAt: expiry }),
      fc.record({ kind: fc.constant('update' as const), id, uid, expiresAt: expiry, version: fc.nat(2) }),
      fc.record({ kind: fc.constant('touch' as const), id, lastAccess: time, expiresAt: expiry }),
      fc.record({ kind: fc.constant('retire' as const), id, expiresAt: time }),
      fc.record({ kind: fc.constant('delete' as const), id }),
      fc.record({ kind: fc.constant('sweep' as const), now: time, limit: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        // All at once: they are done in their order, and written to the disk together.
        await Promise.all(
          steps.map(async (one) => {
            if (one.kind === 'create') await store.create({ ...record(one.id), ...times(one) }).catch(() => undefined);
            if (one.kind === 'update') await store.update({ ...record(one.id), ...times(one), version: one.version });
            if (one.kind === 'touch') await store.touch(one.id, null, one.lastAccess, one.expiresAt);
            if (one.kind === 'retire') await store.retire(one.id, 0, tombstone(one.id, one.expiresAt));
            if (one.kind === 'delete') await store.delete(one.id);
            if (one.kind === 'sweep') await store.sweep(one.now, one.limit);
          }),
        );
        await filed();
        await store.deleteAll();
      }),
      { numRuns: 40 },
    );
  });
});

function times({ uid, expiresAt }: { readonly uid: string | null; readonly expiresAt: number | null }): {
  readonly uid: string | null;
  readonly lastAccess: number;
  readonly expiresAt: number | null;
} {
  return { uid, lastAccess: 20, expiresAt };
}
