import { expect } from 'chai';
import fc from 'fast-check';
import {
  LogPositionLost,
  type NewRevocation,
  type Revocation,
  RevocationList,
  type RevocationLog,
} from '../../../src/index.js';
import { KeptEntries } from '../../../src/storage/revocation/kept-entries.js';
import { OwnEntries } from '../../../src/storage/revocation/own-entries.js';
import { RevocationIndex } from '../../../src/storage/revocation/revocation-index.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { guardRejections } from '../../support/rejections.js';
import { type LogConnection, SharedLog } from '../../support/shared-log.js';
import { NOW } from '../../support/token-fixtures.js';

const MINUTE = 60_000;

function ofLineage(lineage: string, at = NOW, until: number | null = null): NewRevocation {
  return { at, until, reason: 'locked', match: { lineage } };
}

function ofUser(uid: string, at = NOW, until: number | null = null, except: readonly string[] = []): NewRevocation {
  return { at, until, reason: 'locked', match: { uid, before: at + 1000, except } };
}

/** A log that accepts nothing. */
function logReadBy(read: RevocationLog['read']): RevocationLog {
  return {
    guarantee: 'log',
    append: () => Promise.reject(new Error('not now')),
    read,
    close: () => Promise.resolve(),
  };
}

describe('A RevocationList whose log has lost entries', () => {
  let time: FakeTime;
  const open: RevocationList[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((list) => list.close()));
    expect(time.restore()).to.equal(0);
  });

  guardRejections();

  async function listOver(log: RevocationLog): Promise<RevocationList> {
    const list = new RevocationList({ log });
    open.push(list);
    await time.pass(0);
    return list;
  }

  const lineages = (log: SharedLog): unknown[] => log.entries.map(({ match }) => Object.values(match)[0]).sort();

  it('reads it again from the start at once, and stays fresh meanwhile', async () => {
    const log = new SharedLog();
    const list = await listOver(log.connect());
    log.put(ofLineage('a'));
    await time.pass(0);
    log.lose(1);
    await time.pass(0);
    expect(log.reads).to.deep.equal([null, null]);
    expect(list.health().isFresh).to.equal(true);
    log.put(ofLineage('b'));
    await time.pass(0);
    expect(list.findNames({ lineage: 'b' }, NOW)).to.include({ reason: 'revoked' });
  });

  it('reads a log that cannot even be read from the start with pauses, as after other failures', async () => {
    let reads = 0;
    // biome-ignore lint/correctness/useYield: it fails before it has anything to yield
    const log = logReadBy(async function* () {
      reads += 1;
      throw new LogPositionLost();
    });
    await listOver(log);
    await time.pass(60_000);
    expect(reads).to.be.within(12, 20);
  });

  it('reads a log that loses its place in every snapshot with pauses', async () => {
    let reads = 0;
    const log = logReadBy(async function* () {
      reads += 1;
      yield [{ ...ofLineage('a'), seq: String(reads) }];
      throw new LogPositionLost();
    });
    await listOver(log);
    await time.pass(60_000);
    expect(reads).to.be.at.most(700);
  });

  it('appends again what was appended or read in the last ten minutes, and each entry once', async () => {
    const log = new SharedLog();
    const connection = log.connect();
    const list = await listOver(connection);
    await list.add([ofLineage('own')]);
    log.put(ofLineage('read'));
    await time.pass(9 * MINUTE);
    connection.beat();
    await time.pass(100);
    log.lose(2);
    await time.pass(0);
    expect(lineages(log)).to.deep.equal(['own', 'read']);
    expect(connection.appends).to.equal(3);
  });

  it('appends nothing again that the log still has, or that has ended', async () => {
    const log = new SharedLog();
    const connection = log.connect();
    const list = await listOver(connection);
    await list.add([ofLineage('kept'), ofUser('kept too')]);
    await list.add([ofLineage('ended', NOW, NOW + MINUTE), ofUser('ended too', NOW, NOW + MINUTE)]);
    await time.pass(MINUTE + 1);
    log.lose(2);
    await time.pass(0);
    expect(lineages(log)).to.deep.equal(['kept', 'kept too']);
    expect(connection.appends).to.equal(4);
  });

  it('appends again the revocations of users and of everyone, however old, and of no old session', async () => {
    const log = new SharedLog();
    log.put(ofLineage('old', NOW - 11 * MINUTE));
    log.put(ofUser('u1', NOW - 100 * MINUTE));
    log.put({ at: NOW - 100 * MINUTE, until: null, reason: 'breach', match: { before: NOW - 100 * MINUTE } });
    await listOver(log.connect());
    const before = [...log.entries];
    log.lose(3);
    await time.pass(0);
    expect(log.entries).to.deep.equal(before.slice(1).map((entry, index) => ({ ...entry, seq: `1.${index + 2}` })));
  });

  it('goes on to append until the log takes it, and not after close', async () => {
    const log = new SharedLog();
    const connection = log.connect();
    const list = await listOver(connection);
    await list.add([ofLineage('a')]);
    await time.pass(0);
    connection.holdAppends();
    log.lose(1);
    await time.pass(MINUTE);
    expect(log.entries).to.deep.equal([]);
    const { appends } = connection;
    expect(appends).to.be.above(5);
    await list.close();
    await time.pass(MINUTE);
    expect(connection.appends).to.equal(appends);
    connection.acceptAppends();
  });

  /** A log with two entries, of which its process has read the first one. */
  const withUnread = async (): Promise<{ readonly log: SharedLog; readonly connection: LogConnection }> => {
    const log = new SharedLog();
    const connection = log.connect();
    const list = await listOver(connection);
    await list.add([ofLineage('read')]);
    await time.pass(0);
    connection.hold();
    await list.add([ofLineage('unread')]);
    return { log, connection };
  };

  it('appends again what the log has acknowledged and lost before anyone had read it', async () => {
    const { log, connection } = await withUnread();
    // A replica that had all but the last entry: no position is lost.
    log.entries.pop();
    for (let answers = 0; answers < 3; answers += 1) {
      expect(lineages(log)).to.deep.equal(['read']);
      connection.deliver();
      await time.pass(0);
    }
    expect([lineages(log), log.reads]).to.deep.equal([['read', 'unread'], [null]]);
    for (let answers = 0; answers < 10; answers += 1) {
      connection.beat();
      await time.pass(0);
    }
    expect(connection.appends).to.equal(3);
  });

  it('appends at once what it had appended and not read yet, when it reads the log from the start', async () => {
    const { log, connection } = await withUnread();
    log.lose(2);
    connection.deliver();
    await time.pass(0);
    expect(lineages(log)).to.deep.equal(['read', 'unread']);
  });

  it('stops appending for one loss when the log has lost its place again', async () => {
    const log = new SharedLog();
    const connection = log.connect();
    const list = await listOver(connection);
    await list.add(Array.from({ length: 61 }, (_, index) => ofLineage(`l${index}`)));
    await time.pass(0);
    connection.holdAppends();
    for (const lost of [60, 0]) {
      log.lose(lost);
      await time.pass(0);
    }
    connection.acceptAppends();
    await time.pass(0);
    // 50 were under way for the first loss, and are read before it is their turn again. The last 11 are appended for the second one.
    expect(log.entries.length).to.equal(61);
    expect(new Set(lineages(log)).size).to.equal(61);
  });

  it('announces no entry that it knows when it reads it back, or again', async () => {
    const log = new SharedLog();
    const list = await listOver(log.connect());
    const announced: unknown[] = [];
    list.onAdded((entries) => announced.push(...entries.map(({ match }) => Object.values(match)[0])));
    await list.add([ofLineage('own'), ofUser('own too')]);
    log.put(ofLineage('read'));
    await time.pass(0);
    const { version } = list;
    log.lose(1);
    await time.pass(0);
    expect(log.reads).to.deep.equal([null, null]);
    expect(announced).to.deep.equal(['own', 'own too', 'read']);
    expect(list.version).to.equal(version);
  });

  it('appends again from many processes, which is harmless', async () => {
    const log = new SharedLog();
    const lists: RevocationList[] = [];
    for (let i = 0; i < 5; i += 1) lists.push(await listOver(log.connect()));
    await lists[0]?.add([ofLineage('a'), ofUser('u1')]);
    await time.pass(0);
    log.lose(2);
    await time.pass(0);
    expect(new Set(lineages(log))).to.deep.equal(new Set(['a', 'u1']));
    expect(log.entries.length).to.be.within(2, 10);
    const { length } = log.entries;
    await time.pass(10 * MINUTE);
    expect(log.entries.length).to.equal(length);
  });
});

describe('RevocationList, reading many entries', () => {
  it('takes at most 5,000 in a turn of the event loop, however the log divides them', async () => {
    for (const size of [100, 7000, 30_000]) {
      let turns = 0;
      let isOver = false;
      const perTurn = new Map<number, number>();
      const entries: Revocation[] = Array.from({ length: 30_000 }, (_, index) => ({
        ...ofLineage(`l${index}`, 0),
        seq: String(index),
      }));
      const log: RevocationLog = {
        guarantee: 'log',
        append: () => Promise.reject(new Error('not now')),
        async *read(_after, signal) {
          for (let start = 0; start < entries.length; start += size) yield entries.slice(start, start + size);
          yield [];
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        close: () => Promise.resolve(),
      };
      const list = new RevocationList({ log });
      list.onAdded((added) => perTurn.set(turns, (perTurn.get(turns) ?? 0) + added.length));
      const count = (): void => {
        turns += 1;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      await list.ready();
      isOver = true;
      await list.close();
      expect([...perTurn.values()].reduce((sum, taken) => sum + taken, 0)).to.equal(30_000);
      expect(Math.max(...perTurn.values()), `batches of ${size}`).to.equal(5000);
    }
  });
});

describe('KeptEntries', () => {
  it('keeps ten thousand revocations of sessions at most, the newest', () => {
    const kept = new KeptEntries();
    for (let i = 0; i < 20_000; i += 1) kept.add(ofLineage(`l${i}`), 1, NOW);
    expect(kept.size).to.equal(10_000);
    const [first] = kept.missingFrom(2, NOW);
    expect(first?.match).to.deep.equal({ lineage: 'l10000' });
  });

  it('lets go of sessions after ten minutes, and of users when their revocation ends', () => {
    const kept = new KeptEntries();
    for (let i = 0; i < 100; i += 1) kept.add(ofLineage(`l${i}`), 1, NOW);
    for (let i = 0; i < 100; i += 1) kept.add(ofUser(`u${i}`, NOW, NOW + MINUTE), 1, NOW);
    for (let i = 0; i < 100; i += 1) kept.add(ofUser(`later${i}`, NOW + 11 * MINUTE), 1, NOW + 11 * MINUTE);
    kept.add(ofLineage('new', NOW + 11 * MINUTE), 1, NOW + 11 * MINUTE);
    expect(kept.size).to.be.within(101, 105);
  });

  it('restores all that the entries of a user end', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const entry = fc.record({
      before: fc.integer({ min: 0, max: 20 }),
      until: fc.constantFrom(null, 100, 200),
      except: fc.uniqueArray(name, { maxLength: 2 }),
    });
    const property = fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (given) => {
      const [all, restored] = [new RevocationIndex(), new RevocationIndex()];
      const kept = new KeptEntries();
      for (const { before, until, except } of given) {
        const added: NewRevocation = { at: 0, until, reason: 'r', match: { uid: 'u', before, except } };
        all.add(added, 0);
        kept.add(added, 1, 0);
      }
      for (const lost of kept.missingFrom(2, 0)) restored.add(lost, 0);
      for (const lineage of ['a', 'b', 'c', 'd']) {
        for (let since = 0; since <= 21; since += 1) {
          const session = { id: 'i', lineage, uid: 'u', since };
          const [expected, actual] = [all, restored].map((index) => index.find(session, 0) !== undefined);
          // What a process merges may forget exceptions of older entries, so it can end more, never less.
          if (expected === true) expect(actual, `${lineage} ${since}`).to.equal(true);
        }
      }
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('OwnEntries', () => {
  it('waits for ten thousand entries at most, and for none that was read', () => {
    const own = new OwnEntries();
    for (let i = 0; i < 20_000; i += 1) {
      own.begin(ofLineage(`l${i}`));
      own.acknowledged(ofLineage(`l${i}`));
    }
    expect(own.size).to.equal(10_000);
    for (let i = 0; i < 20_000; i += 1) own.read(ofLineage(`l${i}`));
    expect(own.size).to.equal(0);
  });

  it('forgets an entry that is read before or after its acknowledgement', () => {
    const own = new OwnEntries();
    for (const first of ['read', 'acknowledged'] as const) {
      own.begin(ofLineage('a'));
      own[first](ofLineage('a'));
      own[first === 'read' ? 'acknowledged' : 'read'](ofLineage('a'));
      expect(own.size, first).to.equal(0);
    }
  });
});
