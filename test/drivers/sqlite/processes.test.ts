import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { childArguments, churn, newPath, openStore, problemsIn, record } from './support.js';

const run = promisify(execFile);

function child(work: string, ...own: readonly string[]): Promise<unknown> {
  return run(process.execPath, childArguments(work, ...own));
}

describe('SqliteStore in several processes', function () {
  this.timeout(60_000);

  it('loses no update when they count up one session', async () => {
    const { path, store, database } = await openStore();
    await store.create(record('counted', { body: '0' }));
    await Promise.all([1, 2].map(() => child('count', path, 'counted', '400')));
    expect(await store.load('counted', 0)).to.include({ body: '800', version: 800 });
    database.close();
  });

  it('creates its table once, when all of them call migrate() at the same time', async () => {
    const path = newPath();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(names.map((name) => child('migrate', path, name)));
    const { store, database } = await openStore(path);
    expect((await store.ofUser('ann', 0)).map(({ id }) => id)).to.have.members(names);
    expect(database.prepare('SELECT version FROM sessions_schema').all()).to.have.lengthOf(1);
    expect(problemsIn(database)).to.deep.equal([]);
    database.close();
  });

  it('keeps what one acknowledged while others open and close the file without a pause', async () => {
    const { path, store, database } = await openStore();
    const opener = churn(path);
    await once(opener.stdout, 'data');
    let current = record('a', { uid: null, expiresAt: null });
    await store.create(current);
    for (let count = 0; count < 3_000; count += 1) {
      expect(await store.update(current)).to.equal('ok');
      current = { ...current, version: current.version + 1 };
      if (count % 500 === 0) expect(await store.load('a', 0)).to.deep.equal(current);
    }
    opener.kill('SIGKILL');
    expect(await store.load('a', 0)).to.deep.equal(current);
    database.close();
  });
});
