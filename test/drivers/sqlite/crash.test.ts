import { once } from 'node:events';
import { statSync } from 'node:fs';
import { expect } from 'chai';
import { churn, openStore, problemsIn } from './support.js';
import { Writer } from './writer.js';

const KILLED_ALONE = 2;
const KILLED_TOGETHER = 2;
const RACE = 200;
const MIB = 1024 * 1024;

function some(): number {
  return 1 + Math.floor(Math.random() * RACE);
}

describe('SqliteStore, when processes are killed while they write, and others open and close the file', () => {
  const writers: Writer[] = [];
  const openers: ReturnType<typeof churn>[] = [];

  after(async () => {
    for (const opener of openers) opener.kill('SIGKILL');
    await Promise.all(writers.map((writer) => writer.kill()));
  });

  it('loses nothing that was acknowledged, leaves no half of an operation, and the others go on', async function () {
    this.timeout(120_000);
    const { path, store, database } = await openStore();
    const names = Array.from({ length: KILLED_ALONE + KILLED_TOGETHER }, (_, n) => `writer-${n}`);
    writers.push(...names.map((name) => new Writer(path, name)));
    openers.push(churn(path), churn(path));
    await Promise.all(openers.map(({ stdout }) => once(stdout, 'data')));
    await Promise.all(writers.map((writer) => writer.goesOn(1)));

    const alive = [...writers];
    for (const writer of writers.slice(0, KILLED_ALONE)) {
      await writer.goesOn(some());
      openers.pop()?.kill('SIGKILL');
      await writer.kill();
      alive.shift();
      await Promise.all(alive.map((other) => other.goesOn(10)));
      expect(await writer.problems(store)).to.deep.equal([]);
    }
    await Promise.all(alive.map((writer) => writer.goesOn(some())));
    await store.close();
    database.close();
    await Promise.all(alive.map((writer) => writer.kill()));

    const again = await openStore(path);
    expect(problemsIn(again.database)).to.deep.equal([]);
    for (const writer of writers) expect(await writer.problems(again.store)).to.deep.equal([]);

    const swept = await again.store.sweep(500_000, 1_000_000);
    expect(swept.length).to.be.above(0);
    for (const { id } of swept) expect(await again.store.load(id, 0)).to.equal(undefined);
    expect(await again.store.sweep(500_000, 1)).to.deep.equal([]);
    expect(problemsIn(again.database)).to.deep.equal([]);
    again.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(statSync(`${path}-wal`).size).to.be.below(MIB);
    again.database.close();
  });
});
