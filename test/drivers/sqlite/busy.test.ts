import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { openDatabase } from '../../support/sqlite.js';
import { childArguments, openStore, record } from './support.js';

/** How often the event loop turns until something settles. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => {
    isOver = true;
  });
  let turns = 0;
  while (!isOver) {
    turns += 1;
    await nextTurn();
  }
  return turns;
}

describe('SqliteStore while another connection writes', () => {
  it('waits without holding the event loop, and then writes', async () => {
    const { path, store, database } = await openStore();
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    const creating = store.create(record('a'));
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(await store.load('a', 0), 'a load does not wait').to.equal(undefined);
    other.exec('COMMIT');
    await creating;
    expect(await store.load('a', 0)).to.include({ id: 'a' });
    other.close();
    database.close();
  });

  it('gives up at the deadline with StoreUnavailable, and has written nothing', async () => {
    const { path, store, database } = await openStore(undefined, { deadline: 100 });
    await store.create(record('a'));
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    const tombstone = { id: 'a', retired: { successor: null, at: 1 }, expiresAt: 2_000 };
    for (const work of [
      () => store.create(record('b')),
      () => store.update(record('a')),
      () => store.touch('a', 'ann', 1_500, 3_000),
      () => store.retire('a', null, tombstone),
      () => store.delete('a'),
      () => store.deleteOfUser('ann'),
      () => store.sweep(5_000, 10),
      () => store.deleteAll(),
      () => store.migrate(),
    ]) {
      const failing = errorOf(work);
      expect(await turnsDuring(failing)).to.be.above(3);
      expect(await failing)
        .to.be.instanceOf(StoreUnavailable)
        .and.have.property('message')
        .that.includes('100 ms');
    }
    other.exec('ROLLBACK');
    expect(await store.ofUser('ann', 0)).to.deep.equal([record('a')]);
    other.close();
    database.close();
  });

  it('is in nobody’s way for long: many writers of one turn all come through', async () => {
    const { path, store, database } = await openStore();
    const other = await openStore(path);
    const creating = Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? store : other.store).create(record(`s${n}`)));
    await Promise.all(creating);
    expect(await store.ofUser('ann', 0)).to.have.lengthOf(400);
    other.database.close();
    database.close();
  });

  it('goes on when a process that held the lock is killed', async function () {
    this.timeout(20_000);
    const { path, store, database } = await openStore(undefined, { deadline: 20_000 });
    const holder = spawn(process.execPath, childArguments('lock', path), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const creating = store.create(record('a'));
    await nextTurn();
    holder.kill('SIGKILL');
    await creating;
    expect(await store.load('a', 0)).to.include({ id: 'a' });
    database.close();
  });
});

describe('SqliteStore with more to do than its deadline allows', () => {
  afterEach(() => sinon.restore());

  it('rejects the rest with StoreUnavailable, and does not do it later', async () => {
    // Time passes by 10 us at each look at it, from first to last, however fast the machine is.
    let now = 0;
    sinon.stub(performance, 'now').callsFake(() => {
      now += 0.01;
      return now;
    });
    const { store, database } = await openStore(undefined, { deadline: 60 });
    const creating = Array.from({ length: 4_000 }, (_, n) => store.create(record(`s${n}`)));
    const outcomes = await Promise.allSettled(creating);
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(rejected.length).to.be.within(1, 3_999);
    for (const { reason } of rejected) expect(reason).to.be.instanceOf(StoreUnavailable);
    const [row] = database.prepare('SELECT count(*) AS count FROM sessions').all();
    expect(Object(row).count).to.equal(4_000 - rejected.length);
    await store.create(record('another'));
    database.close();
  });
});

describe('SqliteStore on a connection with a transaction of the application’s', () => {
  it('waits until that is over, so that its rollback takes no acknowledged write with it', async () => {
    const { store, database } = await openStore();
    database.exec('BEGIN');
    const creating = store.create(record('a'));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    database.exec('ROLLBACK');
    await creating;
    expect(await store.load('a', 0)).to.include({ id: 'a' });
    database.close();
  });

  it('rejects with StoreUnavailable at the deadline, reads too', async () => {
    const { store, database } = await openStore(undefined, { deadline: 50 });
    database.exec('BEGIN');
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(StoreUnavailable);
    expect(await errorOf(() => store.load('a', 0))).to.be.instanceOf(StoreUnavailable);
    database.exec('COMMIT');
    expect(await store.load('a', 0)).to.equal(undefined);
    database.close();
  });
});
