import { expect } from 'chai';
import type { NewRevocation } from '../../../src/index.js';
import { LogWriter } from '../../../src/storage/revocation/log-writer.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { guardRejections } from '../../support/rejections.js';
import { NOW } from '../../support/token-fixtures.js';

/** ms that the log takes for an entry. */
const SLOW = 10;

/** A log that takes its time, and knows how many entries are on their way to it. */
class BusyLog extends FaultyLog {
  underWay = 0;
  mostUnderWay = 0;
  /** The lineage of an entry that is never accepted. */
  refused = '';

  override async append(entry: NewRevocation): Promise<string> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      if (nameOf(entry) === this.refused) {
        this.appends += 1;
        throw new Error('not this one');
      }
      if (this.appending === 'works') await new Promise((resolve) => setTimeout(resolve, SLOW));
      return await super.append(entry);
    } finally {
      this.underWay -= 1;
    }
  }
}

describe('LogWriter in an outage of the log, and after it', () => {
  let time: FakeTime;
  const open: LogWriter[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
  });

  afterEach(() => {
    for (const writer of open.splice(0)) writer.close();
    time.restore();
  });

  guardRejections();

  /** A log that is down, with entries that wait for it. */
  async function backlog(count: number): Promise<{ log: BusyLog; writer: LogWriter; names: string[] }> {
    const log = new BusyLog({ appending: 'fails' });
    const writer = new LogWriter(log, 2000);
    open.push(writer);
    const names = Array.from({ length: count }, (_, index) => `l${index}`);
    for (const name of names) writer.append(entryOf(name)).catch(() => undefined);
    await time.pass(0);
    log.mostUnderWay = 0;
    return { log, writer, names };
  }

  const stored = (log: BusyLog): unknown[] => log.entries.map(nameOf);

  it('repeats 50 appends at a time, the oldest first', async () => {
    const { log, names } = await backlog(1000);
    log.appending = 'works';
    await time.pass(100 + (1000 / 50) * SLOW);
    expect(log.mostUnderWay).to.equal(50);
    expect(stored(log)).to.deep.equal(names);
    expect(time.timers).to.equal(0);
  });

  it('makes few attempts while the log is down, however many appends wait', async () => {
    const { log, names } = await backlog(1000);
    await time.pass(60_000);
    expect(log.appends - names.length).to.be.within(50, 20 * 50);
    log.appending = 'works';
    await time.pass(5000 + 2 * (1000 / 50) * SLOW);
    expect(new Set(stored(log))).to.deep.equal(new Set(names));
  });

  it('lets no new append wait for those that are repeated', async () => {
    const { log, writer } = await backlog(1000);
    log.appending = 'works';
    await time.pass(100);
    const appending = writer.append(entryOf('new'));
    await time.pass(SLOW);
    expect(await Promise.race([appending, 'waits'])).to.deep.equal(['51']);
  });

  it('repeats the others although the log accepts one of them never', async () => {
    const { log, names } = await backlog(1000);
    log.refused = 'l0';
    log.appending = 'works';
    await time.pass(500 + (1000 / 50) * SLOW);
    expect(stored(log)).to.deep.equal(names.slice(1));
    const { appends } = log;
    await time.pass(60_000);
    expect(log.appends - appends).to.be.within(10, 20);
  });

  it('lets no entry that was lost wait for another one, and appends 50 at a time', async () => {
    const { log, writer } = await backlog(0);
    const entries = Array.from({ length: 120 }, (_, index) => entryOf(`l${index}`));
    log.refused = 'l0';
    log.appending = 'works';
    writer.refill(entries, (entry) => nameOf(entry) !== 'l1');
    await time.pass(200 + 3 * SLOW);
    expect(stored(log)).to.deep.equal(entries.slice(2).map(nameOf));
    expect(log.mostUnderWay).to.equal(50);
  });
});

function entryOf(lineage: string): NewRevocation {
  return { at: NOW, until: null, reason: 'locked', match: { lineage } };
}

function nameOf({ match }: NewRevocation): unknown {
  return 'lineage' in match ? match.lineage : undefined;
}
