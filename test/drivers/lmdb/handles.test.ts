import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { CHILD, contentsOf, newPath, record } from './support.js';

const run = promisify(execFile);

describe('two LmdbStores on one path', () => {
  it('can be made while the other one writes', async () => {
    const path = newPath();
    // In a process of its own: one that waits for itself would keep this one from noticing.
    await run(process.execPath, [...process.execArgv, CHILD, 'reopen', path, '', '50'], { timeout: 15_000 });
    const { sessions } = await contentsOf(path);
    expect([...sessions.keys()].filter((id) => id.startsWith('other-'))).to.have.lengthOf(50);
  });

  it('see each other, by whatever way they came to it', async () => {
    const parent = newPath();
    mkdirSync(join(parent, 'sessions'), { recursive: true });
    symlinkSync(join(parent, 'sessions'), join(parent, 'link'));
    const paths = [join(parent, 'sessions'), join(parent, 'link'), join(parent, '.', 'link', '..', 'sessions')];
    const stores = paths.map((path) => new LmdbStore({ path }));
    for (const [n, store] of stores.entries()) await store.create(record(`of-${n}`));
    for (const store of stores) expect(await store.ofUser('ann', 0)).to.have.lengthOf(3);
    for (const store of stores) await store.close();
  });

  it('are closed each for itself, and twice is once', async () => {
    const path = newPath();
    const [one, other] = [new LmdbStore({ path }), new LmdbStore({ path })];
    await one.create(record('a'));
    await Promise.all([one.close(), one.close()]);
    await one.close();
    expect(await rejection(one.load('a', 0))).to.be.instanceOf(StoreUnavailable);
    expect(await rejection(one.create(record('b')))).to.be.instanceOf(StoreUnavailable);
    expect(await other.load('a', 0)).to.include({ id: 'a' });
    await other.create(record('b'));
    await other.close();
    const again = new LmdbStore({ path });
    expect(await again.ofUser('ann', 0)).to.have.lengthOf(2);
    await again.close();
  });

  it('finish what is under way when one is closed and another one made at once', async () => {
    const path = newPath();
    let store = new LmdbStore({ path });
    for (let round = 0; round < 30; round += 1) {
      const writing = [store.create(record(`before-${round}`)), store.delete(`before-${round - 1}`)];
      const closing = store.close();
      const next = new LmdbStore({ path });
      await Promise.all([...writing, next.create(record(`after-${round}`)), closing]);
      store = next;
    }
    const closing = store.close();
    const last = new LmdbStore({ path });
    await closing;
    expect(await last.ofUser('ann', 0)).to.have.lengthOf(31);
    await last.close();
  });
});

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
