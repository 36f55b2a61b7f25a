import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { damage, newPath, record } from './support.js';

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the options of LmdbStore', () => {
  it('name what is wrong', () => {
    for (const [options, message] of [
      [undefined, /option path/],
      [{}, /option path/],
      [{ path: '' }, /option path/],
      [{ path: 7 }, /option path/],
      [{ path: 'a\0b' }, /option path/],
      [{ path: newPath(), mapSize: 1 }, /unknown option "mapSize"; there are path/],
    ] as const) {
      expect(() => Reflect.construct(LmdbStore, [options])).to.throw(TypeError, message);
    }
  });

  it('take the path for a folder, whatever it looks like, and make it with all above it', async () => {
    const path = join(newPath(), 'deep', 'sessions.mdb');
    await new LmdbStore({ path }).close();
    expect(statSync(path).isDirectory()).to.equal(true);
    expect(statSync(join(path, 'data.mdb')).isFile()).to.equal(true);
  });

  it('never let anybody else read what is made', async () => {
    const before = process.umask(0);
    try {
      const parent = newPath();
      const path = join(parent, 'sessions');
      await new LmdbStore({ path }).close();
      expect([parent, path].map(modeOf)).to.deep.equal(['700', '700']);
      expect(['data.mdb', 'lock.mdb'].map((file) => modeOf(join(path, file)))).to.deep.equal(['600', '600']);
    } finally {
      process.umask(before);
    }
  });

  it('leave a folder that is there as it is', async () => {
    const path = newPath();
    mkdirSync(path, { mode: 0o755 });
    const before = modeOf(path);
    await new LmdbStore({ path }).close();
    expect(modeOf(path)).to.equal(before);
    expect(['data.mdb', 'lock.mdb'].map((file) => modeOf(join(path, file)))).to.deep.equal(['600', '600']);
  });
});

describe('a database that is no good', () => {
  it('is a StoreUnavailable when it cannot be opened, and can be once that is mended', async () => {
    const path = newPath();
    writeFileSync(path, 'a file');
    expect(failureOf(() => new LmdbStore({ path }))).to.be.instanceOf(StoreUnavailable);
    expect(failureOf(() => new LmdbStore({ path: join(path, 'below') }))).to.be.instanceOf(StoreUnavailable);

    const folder = newPath();
    mkdirSync(folder);
    writeFileSync(join(folder, 'data.mdb'), 'this is no database'.repeat(1_000));
    const failure = failureOf(() => new LmdbStore({ path: folder }));
    expect(failure).to.be.instanceOf(StoreUnavailable);
    expect(failure).to.have.property('cause').that.is.instanceOf(Error);
    writeFileSync(join(folder, 'data.mdb'), '');
    const store = new LmdbStore({ path: folder });
    await store.create(record('a'));
    await store.close();
  });

  it('is a StoreUnavailable that shows nothing of a session when that is damaged', async () => {
    const path = newPath();
    const before = new LmdbStore({ path });
    await before.create(record('a'));
    await before.close();
    await damage(path, 'a', '[1,"secret-lineage"\n{"secret":"body"}');
    const store = new LmdbStore({ path });
    for (const run of [
      () => store.load('a', 0),
      () => store.update(record('a')),
      () => store.ofUser('ann', 0),
      () => store.sweep(5_000, 10),
    ]) {
      const failure = await run().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(StoreUnavailable);
      expect(inspect(failure, { depth: null, showHidden: true }))
        .to.match(/damaged/)
        .and.not.match(/secret/);
    }
    await store.close();
  });
});
