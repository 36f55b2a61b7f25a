import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { type NewRevocation, StoreUnavailable } from '../../../src/index.js';
import { LogWriter } from '../../../src/storage/revocation/log-writer.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { type Behaviour, FaultyLog } from '../../support/faulty-log.js';
import { guardRejections } from '../../support/rejections.js';
import { NOW } from '../../support/token-fixtures.js';

const DEADLINE = 2000;
const ENTRY: NewRevocation = { at: NOW, until: null, reason: 'locked', match: { lineage: 'a' } };

describe('LogWriter', () => {
  let time: FakeTime;
  const open: LogWriter[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
  });

  afterEach(async () => {
    for (const writer of open.splice(0)) writer.close();
    time.restore();
  });

  guardRejections();

  function stack(appending: Behaviour = 'works', deadline = DEADLINE) {
    const log = new FaultyLog({ appending });
    const writer = new LogWriter(log, deadline);
    open.push(writer);
    return { log, writer };
  }

  /** What an append came to so far. */
  function watched(promise: Promise<unknown>): { state: string; error: unknown } {
    const watch: { state: string; error: unknown } = { state: 'pending', error: undefined };
    promise.then(
      () => Object.assign(watch, { state: 'resolved' }),
      (error: unknown) => Object.assign(watch, { state: 'rejected', error }),
    );
    return watch;
  }

  it('resolves when the log has it, and leaves no timer behind', async () => {
    const { log, writer } = stack();
    await writer.append(ENTRY);
    await time.pass(0);
    expect([log.entries.length, time.timers]).to.deep.equal([1, 0]);
    await time.pass(60_000);
    expect(log.appends).to.equal(1);
  });

  it('tries an append that never settles again, after the deadline and the first pause', async () => {
    const { log, writer } = stack('stalls');
    const appending = watched(writer.append(ENTRY));
    await time.pass(DEADLINE - 1);
    expect([appending.state, log.appends]).to.deep.equal(['pending', 1]);
    await time.pass(1);
    expect(appending.state).to.equal('rejected');
    expect(appending.error).to.be.instanceOf(StoreUnavailable).with.property('message').that.includes('2000 ms');
    log.appending = 'works';
    await time.pass(99);
    expect(log.appends).to.equal(1);
    await time.pass(1);
    expect([log.appends, log.entries.map(({ match }) => match)]).to.deep.equal([2, [{ lineage: 'a' }]]);
    await time.pass(60_000);
    expect([log.appends, log.entries.length, time.timers]).to.deep.equal([2, 1, 0]);
  });

  it('tries on through silence and errors in any order, at most 5 seconds after each', async () => {
    const { log, writer } = stack('stalls');
    watched(writer.append(ENTRY));
    await time.pass(120_000);
    const silent = log.appends;
    expect(silent).to.be.within(18, 24);
    log.appending = 'fails';
    await time.pass(DEADLINE + 5000);
    const failed = log.appends;
    expect(failed).to.be.above(silent);
    log.appending = 'throws';
    await time.pass(5000);
    log.appending = 'stalls';
    await time.pass(5000);
    log.appending = 'works';
    await time.pass(DEADLINE + 5000);
    expect([log.entries.length, time.timers]).to.deep.equal([1, 0]);
  });

  it('has no more than one attempt of an entry under way, with one timer', async () => {
    const { writer } = stack('stalls');
    watched(writer.append(ENTRY));
    for (let i = 0; i < 100; i += 1) {
      await time.pass(700);
      expect(time.timers).to.be.within(1, 2);
    }
  });

  it('tries each entry by itself: one that stalls holds up no other', async () => {
    const { log, writer } = stack('stalls');
    const first = watched(writer.append(ENTRY));
    await time.pass(0);
    log.appending = 'works';
    const second = watched(writer.append({ ...ENTRY, match: { lineage: 'b' } }));
    await time.pass(0);
    expect([first.state, second.state]).to.deep.equal(['pending', 'resolved']);
    await time.pass(DEADLINE + 100);
    expect(log.entries.map(({ match }) => match)).to.deep.equal([{ lineage: 'b' }, { lineage: 'a' }]);
  });

  it('appends the entries of one call in order, and resolves with their positions', async () => {
    const { log, writer } = stack('fails');
    const entries = ['a', 'b', 'c'].map((lineage) => ({ ...ENTRY, match: { lineage } }));
    const appending = writer.append(...entries);
    await time.pass(50);
    expect(log.appends).to.equal(1);
    log.appending = 'works';
    await time.pass(100);
    expect(await appending).to.deep.equal(['1', '2', '3']);
    expect(log.entries.map(({ match }) => match)).to.deep.equal(entries.map(({ match }) => match));
  });

  it('appends none of the entries that follow one that was under way when it was closed', async () => {
    const { log, writer } = stack();
    let acknowledge: (position: string) => void = () => undefined;
    log.append = () => {
      log.appends += 1;
      return new Promise((resolve) => {
        acknowledge = resolve;
      });
    };
    const appending = watched(writer.append(ENTRY, ENTRY));
    await time.pass(10);
    writer.close();
    acknowledge('1');
    await time.pass(60_000);
    expect([log.appends, appending.state, time.timers]).to.deep.equal([1, 'rejected', 0]);
  });

  it('loses nothing by an answer of the log that comes after the deadline: the entry is in once, or twice', async () => {
    const { log, writer } = stack('stalls');
    let answer: (seq: string) => void = () => undefined;
    const append = log.append.bind(log);
    log.append = (entry) => {
      log.append = append;
      return new Promise((resolve) => {
        answer = (seq) => {
          log.put(entry);
          resolve(seq);
        };
      });
    };
    log.appending = 'works';
    watched(writer.append(ENTRY));
    await time.pass(DEADLINE + 50);
    answer('1');
    await time.pass(60_000);
    expect(log.entries.length).to.be.within(1, 2);
    expect(time.timers).to.equal(0);
  });

  it('ends with close, while an append stalls: no timer, no further attempt, and whoever waits is told', async () => {
    const { log, writer } = stack('stalls');
    const old = watched(writer.append(ENTRY));
    await time.pass(DEADLINE);
    const waiting = watched(writer.append(ENTRY));
    await time.pass(10);
    writer.close();
    await time.pass(0);
    expect([time.timers, old.state, waiting.state]).to.deep.equal([0, 'rejected', 'rejected']);
    expect(String(old.error)).to.include('did not acknowledge within');
    expect(String(waiting.error)).to.include('was closed');
    const { appends } = log;
    await time.pass(60_000);
    expect(log.appends).to.equal(appends);
  });

  describe('keeps nothing of those who waited', () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');

    /** How many of the promises are still held by anything. */
    async function held(promises: readonly WeakRef<Promise<unknown>>[]): Promise<number> {
      for (let i = 0; i < 5; i += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        if (typeof collect === 'function') collect();
      }
      return promises.filter((promise) => promise.deref() !== undefined).length;
    }

    /** Appends of which nobody outside knows any more. */
    function forgotten(writer: LogWriter, count: number): WeakRef<Promise<unknown>>[] {
      return Array.from({ length: count }, () => {
        const promise = writer.append(ENTRY);
        promise.catch(() => undefined);
        return new WeakRef(promise);
      });
    }

    const ways: Readonly<Record<string, (log: FaultyLog, writer: LogWriter) => Promise<void>>> = {
      'once the log has it': async (log) => {
        log.appending = 'works';
        await time.pass(5000);
      },
      'once the log has it, long after the deadline': async (log) => {
        await time.pass(60_000);
        log.appending = 'works';
        await time.pass(10_000);
      },
      'once it is closed': async (_log, writer) => {
        await time.pass(500);
        writer.close();
        await time.pass(0);
      },
    };
    for (const [when, settle] of Object.entries(ways)) {
      it(when, async () => {
        const { log, writer } = stack('fails');
        const promises = forgotten(writer, 50);
        await time.pass(50);
        expect(await held(promises)).to.equal(50);
        await settle(log, writer);
        expect(await held(promises)).to.be.below(3);
      });
    }
  });
});
