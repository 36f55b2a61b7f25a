import { expect } from 'chai';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { contentsOf, misfiled, newPath } from './support.js';
import { Writer } from './writer.js';

const KILLED_ALONE = 2;
const KILLED_TOGETHER = 2;
const RACE = 200;

function some(): number {
  return 1 + Math.floor(Math.random() * RACE);
}

describe('LmdbStore, when processes are killed while they write', () => {
  const writers: Writer[] = [];

  after(async () => {
    await Promise.all(writers.map((writer) => writer.kill()));
  });

  it('loses nothing that was acknowledged, leaves no half of an operation, and the others go on', async function () {
    this.timeout(60_000);
    const path = newPath();
    let store = new LmdbStore({ path });
    const names = Array.from({ length: KILLED_ALONE + KILLED_TOGETHER }, (_, n) => `writer-${n}`);
    writers.push(...names.map((name) => new Writer(path, name)));
    await Promise.all(writers.map((writer) => writer.goesOn(1)));

    const alive = [...writers];
    for (const writer of writers.slice(0, KILLED_ALONE)) {
      await writer.goesOn(some());
      await writer.kill();
      alive.shift();
      await Promise.all(alive.map((other) => other.goesOn(10)));
      expect(await writer.problems(store)).to.deep.equal([]);
    }
    await Promise.all(alive.map((writer) => writer.goesOn(some())));
    await store.close();
    await Promise.all(alive.map((writer) => writer.kill()));

    const contents = await contentsOf(path);
    expect(misfiled(contents)).to.deep.equal([]);
    store = new LmdbStore({ path });
    for (const writer of writers) expect(await writer.problems(store)).to.deep.equal([]);

    const swept: string[] = [];
    for (;;) {
      const some = await store.sweep(500_000, 100);
      swept.push(...some.map(({ id }) => id));
      if (some.length < 100) break;
    }
    const left = new Set(contents.sessions.keys());
    for (const id of swept) expect(left.delete(id)).to.equal(true);
    for (const id of left) expect(await store.load(id, 500_000)).to.include({ id });
    await store.close();
    const after = await contentsOf(path);
    expect([...after.sessions.keys()]).to.have.members([...left]);
    expect(misfiled(after)).to.deep.equal([]);
  });
});
