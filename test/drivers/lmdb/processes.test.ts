import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { CHILD, newPath, record } from './support.js';

const run = promisify(execFile);

function args(...own: readonly string[]): string[] {
  return [...process.execArgv, CHILD, ...own];
}

describe('LmdbStore in several processes', () => {
  it('loses no update when they count up one session', async () => {
    const path = newPath();
    const store = new LmdbStore({ path });
    await store.create(record('counted', { body: '0' }));
    const counting = [1, 2].map(() => run(process.execPath, args('count', path, 'counted', '60')));
    await Promise.all(counting);
    expect(await store.load('counted', 0)).to.include({ body: '120', version: 120 });
    await store.close();
  });

  it('sees what another one has written in the same turn of the loop', async () => {
    const path = newPath();
    const store = new LmdbStore({ path });
    await store.create(record('changed'));
    expect(await store.load('changed', 0)).to.include({ version: 0 });
    execFileSync(process.execPath, args('update', path, 'changed'));
    expect(await store.load('changed', 0)).to.include({ version: 1, body: '"from the other process"' });
    expect(await store.ofUser('ann', 0))
      .to.have.lengthOf(1)
      .with.nested.property('0.version', 1);
    await store.close();
  });
});
