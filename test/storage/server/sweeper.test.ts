import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore, ServerSessionStorage, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingsOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const INTERVAL = 300_000;

describe('ServerSessionStorage.sweep', () => {
  guardRejections();

  it('removes all that is over and nothing that lives, and says how many sessions (row 61)', async () => {
    const { clock, storage, store } = serverBench({ idleTimeout: HOUR });
    const old = await Promise.all(Array.from({ length: 7 }, (_, n) => heldSid(storage, { n }, `u${n}`)));
    clock.advance(HOUR - 1);
    const young = await heldSid(storage);
    expect(await storage.sweep()).to.equal(0);
    clock.advance(1);
    expect(await storage.sweep()).to.equal(7);
    expect(await openingsOf(storage, ...old, young)).to.deep.equal([...old.map(() => 'unknown'), 'opened']);
    expect(await storage.sweep()).to.equal(0);
    expect(await store.deleteAll?.()).to.equal(1);
  });

  it('removes tombstones too, without counting or telling them', async () => {
    const { clock, storage, store } = serverBench({ reuseWindow: HOUR });
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    const before = session.id;
    await storage.commit(session.rotate());
    const told = eventsOf(storage, 'ended');
    clock.advance(HOUR);
    expect(await storage.sweep()).to.equal(0);
    expect(told).to.deep.equal([]);
    expect(await store.load(before, 0)).to.equal(undefined);
  });

  it('tells ended with the reason expired, of each session', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const guest = await storage.get(await heldSid(storage));
    clock.advance(HOUR);
    const told = eventsOf(storage, 'ended');
    await storage.sweep();
    expect(told.map(([, event]) => event)).to.have.deep.members([
      { id: session.id, uid: 'u1', reason: 'expired' },
      { id: guest.id, uid: undefined, reason: 'expired' },
    ]);
  });

  it('goes on in batches until nothing is left', async () => {
    const { clock, storage, store } = faultyBench({ idleTimeout: HOUR });
    await Promise.all(Array.from({ length: 1_234 }, () => storage.create()));
    clock.advance(HOUR);
    store.forgetCalls();
    expect(await storage.sweep()).to.equal(1_234);
    const limits = store.callsOf('sweep').map(([, limit]) => Number(limit));
    expect(limits.length).to.be.above(1);
    expect(Math.max(...limits)).to.be.at.most(1_000);
  });

  it('may run several at once: each session is counted once', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    await Promise.all(Array.from({ length: 300 }, () => storage.create()));
    clock.advance(HOUR);
    const told = eventsOf(storage, 'ended');
    const counts = await Promise.all([storage.sweep(), storage.sweep(), storage.sweep()]);
    expect(counts.reduce((sum, count) => sum + count)).to.equal(300);
    expect(told.length).to.equal(300);
  });

  it('says unavailable when the store fails', async () => {
    const { storage, store } = faultyBench();
    store.disconnect();
    expect(await errorOf(() => storage.sweep())).to.be.instanceOf(StoreUnavailable);
  });
});

describe('The background sweeper (row 61)', () => {
  let clock: sinon.SinonFakeTimers;
  const storages: ServerSessionStorage[] = [];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });

  afterEach(async () => {
    sinon.restore();
    await Promise.all(storages.splice(0).map((storage) => storage.close()));
    clock.restore();
  });

  guardRejections();

  function open(options: object = {}) {
    const store = new FaultyStore(new MemoryStore());
    const storage = new ServerSessionStorage({ store, idleTimeout: HOUR, ...options });
    storages.push(storage);
    return { store, storage, sweeps: () => store.callsOf('sweep').length };
  }

  it('sweeps every five minutes, give or take a fifth, again and again', async () => {
    const { sweeps } = open();
    await clock.tickAsync(INTERVAL * 0.8 - 1);
    expect(sweeps()).to.equal(0);
    await clock.tickAsync(INTERVAL * 0.4 + 1);
    expect(sweeps()).to.equal(1);
    await clock.tickAsync(INTERVAL * 20);
    expect(sweeps()).to.be.within(17, 26);
  });

  for (const [what, random, wait] of [
    ['the least', 0, 0.8],
    ['the most', 1 - Number.EPSILON, 1.2],
    ['half', 0.5, 1],
  ] as const) {
    it(`waits ${wait} of the interval at ${what} chance`, async () => {
      sinon.stub(Math, 'random').returns(random);
      const { sweeps } = open({ sweepInterval: 10_000 });
      await clock.tickAsync(10_000 * wait - 1);
      expect(sweeps()).to.equal(0);
      await clock.tickAsync(1);
      expect(sweeps()).to.equal(1);
    });
  }

  it('does not sweep together with those that started together', async () => {
    const all = Array.from({ length: 20 }, () => open());
    const times = new Set<number>();
    for (let ms = 0; ms <= INTERVAL * 1.2; ms += 1_000) {
      for (const [index, { sweeps }] of all.entries()) if (sweeps() === 1) times.add(index * 1_000_000 + ms);
      await clock.tickAsync(1_000);
    }
    const firsts = all.map((_, index) =>
      Math.min(...[...times].filter((time) => Math.floor(time / 1_000_000) === index)),
    );
    expect(new Set(firsts.map((time) => time % 1_000_000)).size).to.be.above(5);
  });

  it('removes what has expired meanwhile', async () => {
    const { store, storage } = open();
    const sid = await heldSid(storage, {}, 'u1');
    const { id } = await storage.get(sid);
    await clock.tickAsync(HOUR + INTERVAL * 1.3);
    expect(await store.load(id, 0)).to.equal(undefined);
  });

  it('survives a store that fails, and goes on when it is back, with nothing unhandled', async () => {
    const { store, sweeps } = open();
    store.disconnect();
    await clock.tickAsync(INTERVAL * 4);
    const failed = sweeps();
    expect(failed).to.be.above(2);
    store.heal();
    await clock.tickAsync(INTERVAL * 2);
    expect(sweeps()).to.be.above(failed);
  });

  it('gives a store that does not answer up after a minute, and tries again', async () => {
    const { store, sweeps } = open();
    store.disconnect('hangs');
    await clock.tickAsync(INTERVAL * 1.2);
    expect(sweeps()).to.equal(1);
    store.heal();
    await clock.tickAsync(60_000 + INTERVAL * 1.2);
    expect(sweeps()).to.equal(2);
  });

  it('never sweeps twice at once, however long one takes', async () => {
    const { store, sweeps } = open({ sweepInterval: 1_000 });
    const gate = store.hold('sweep');
    await clock.tickAsync(30_000);
    expect(sweeps()).to.equal(1);
    gate.release();
    await clock.tickAsync(1_300);
    expect(sweeps()).to.equal(2);
  });

  it('stops at close, also in the middle of a sweep', async () => {
    const [idle, busy] = [open(), open()];
    await idle.storage.close();
    const gate = busy.store.hold('sweep');
    await clock.tickAsync(INTERVAL * 1.2);
    expect(busy.sweeps()).to.equal(1);
    await busy.storage.close();
    gate.release();
    await clock.tickAsync(INTERVAL * 5);
    expect([idle.sweeps(), busy.sweeps()]).to.deep.equal([0, 1]);
    expect(clock.countTimers()).to.equal(0);
  });

  it('is off with null: there is no timer', () => {
    const before = clock.countTimers();
    open({ sweepInterval: null });
    expect(clock.countTimers()).to.equal(before);
    open();
    expect(clock.countTimers()).to.equal(before + 1);
  });

  it('never asks a timer to wait longer than it can, at which it would fire at once (row 54)', async () => {
    sinon.stub(Math, 'random').returns(1 - Number.EPSILON);
    const timer = sinon.spy(globalThis, 'setTimeout');
    const { sweeps } = open({ sweepInterval: 2 ** 31 - 1 });
    expect(timer.lastCall.args[1]).to.be.at.most(2 ** 31 - 1);
    await clock.tickAsync(HOUR);
    expect(sweeps()).to.equal(0);
  });
});

describe('A process with a storage', () => {
  it('ends by itself although it was never closed: the sweeper keeps it not running', () => {
    const index = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));
    const program = `
      const { MemoryStore, ServerSessionStorage } = await import(${JSON.stringify(index)});
      const storage = new ServerSessionStorage({ store: new MemoryStore() });
      await storage.create({ a: 1 });
      console.log('made');
    `;
    const args = ['--import', 'tsx/esm', '--input-type=module', '--eval', program];
    const result = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 });
    expect([result.status, result.stdout.trim()], result.stderr).to.deep.equal([0, 'made']);
  });
});

describe('sweep and rotation', () => {
  it('leave a live session alone of which an old id was swept', async () => {
    const { clock, storage } = serverBench({ reuseWindow: 1_000, rotationGrace: 1_000 });
    const sid = await heldSid(storage, { a: 1 });
    const renewed = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
    clock.advance(1_000);
    await storage.sweep();
    expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['unknown', 'opened']);
  });
});
