import { expect } from 'chai';
import sinon from 'sinon';
import { type SqliteDatabase, SqliteRevocationLog } from '../../../src/drivers/sqlite/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { openDatabase } from '../../support/sqlite.js';
import { found, lineagesOf, type OpenLog, openLog, reading, revocation, storedIn } from './log-support.js';
import { newPath } from './support.js';

const HOUR = 3_600_000;

async function appendMany({ log }: OpenLog, count: number, until: number | null): Promise<string[]> {
  return await Promise.all(
    Array.from({ length: count }, (_, at) => log.append(revocation(`${until}-${at}`, { until }))),
  );
}

function countIn({ database }: OpenLog): number {
  const [row] = database.prepare('SELECT count(*) AS count FROM revocations').all();
  return Number(Object(row).count);
}

describe('SqliteRevocationLog, its entries', () => {
  it('are read in pages of a thousand, and the end is marked also where it is the end of a page', async () => {
    const opened = await openLog();
    const expected = await appendMany(opened, 2_000, null);
    const read = reading(opened.log);
    const lengths = [];
    const positions = [];
    for (let batch = 0; batch < 3; batch += 1) {
      const { value } = await read.next();
      lengths.push(value.length);
      positions.push(...lineagesOf(value));
    }
    expect(lengths).to.deep.equal([1_000, 1_000, 0]);
    expect(new Set(positions).size).to.equal(expected.length);
    opened.database.close();
  });

  it('are read when somebody wrote them in other JSON, in several lines', async () => {
    const { log, database } = await openLog();
    for (const lineage of ['a', 'b', 'c']) await log.append(revocation(lineage));
    const text = JSON.stringify({ lineage: 'other', reason: 'r', until: null, at: 1 }, null, 2);
    database.prepare('UPDATE revocations SET entry = ? WHERE seq = 2 RETURNING 1').all(text);
    expect(lineagesOf(await storedIn(log, null))).to.deep.equal(['a', 'other', 'c']);
    database.close();
  });

  it('that nobody can read make the read throw with their position, as often as it is tried', async () => {
    const { log, database } = await openLog();
    const position = await log.append(revocation('good'));
    const bad = await log.append(revocation('bad'));
    await log.append(revocation('later'));
    for (const text of [
      'secret',
      '',
      '{"at":1,"until":null,"reason":"secret","device":"secret"}',
      '{"at":1,"until":null,"reason":"","lineage":"secret"},3,{"at":1,"until":null,"reason":"","lineage":"secret"}',
      '1],[1',
      '{"at":1,"until":null,"reason":"","lineage":"secret"},9',
    ]) {
      database.prepare('UPDATE revocations SET entry = ? WHERE seq = 2 RETURNING 1').all(text);
      for (const after of [null, position, position]) {
        const error = await errorOf(() => storedIn(log, after));
        expect(error.message).to.include(`an entry at ${bad} that this version cannot read`);
        expect(error.message).not.to.include('secret');
      }
    }
    expect(lineagesOf(await storedIn(log, bad))).to.deep.equal(['later']);
    database.close();
  });

  it('are removed an hour after they are no longer needed, a hundred with each append, and no others', async () => {
    const opened = await openLog();
    const { log, database } = opened;
    // All of it has passed on the clock of SQLite, which is the real one.
    const now = Date.now() - 2 * HOUR;
    const due = now + 10_000;
    const clock = sinon.useFakeTimers({ now, toFake: ['Date'] });
    const passed = await appendMany(opened, 250, due);
    await appendMany(opened, 50, now + HOUR);
    await appendMany(opened, 50, null);
    const read = reading(log, passed[200]);
    await found(read, 'null-49');
    try {
      clock.tick(10_000 + HOUR - 1);
      await log.append(revocation('early'));
      expect(countIn(opened)).to.equal(351);
      clock.tick(1);
      for (const left of [252, 153, 104, 105]) {
        await log.append(revocation(`left-${left}`));
        expect(countIn(opened)).to.equal(left);
      }
    } finally {
      clock.restore();
    }
    await found(read, 'left-105');
    expect(await storedIn(log, passed[0])).to.have.lengthOf(105);
    expect(await storedIn(log)).to.have.lengthOf(105);
    database.close();
  });

  it('may have times that are no whole numbers, or very large', async () => {
    const { log, database } = await openLog();
    for (const until of [Date.now() + 0.5, 2 ** 53, 1e300, null]) await log.append(revocation('a', { at: 0.5, until }));
    const rows = database.prepare('SELECT until FROM revocations').all();
    expect(rows.map((row) => Object(row).until).slice(1)).to.deep.equal([null, null, null]);
    expect((await storedIn(log)).map(({ until }) => until).slice(1)).to.deep.equal([2 ** 53, 1e300, null]);
    database.close();
  });

  it('arrive at once in the process that appended them, and leave no timer', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { log, database } = await openLog();
      const read = reading(log);
      await read.next();
      const arrives = found(read, 'a');
      await log.append(revocation('a'));
      await arrives;
      await log.append(revocation('while the reader is busy'));
      await found(read, 'while the reader is busy');
      const stopping = new AbortController();
      const waiting = log.read(null, stopping.signal)[Symbol.asyncIterator]();
      await waiting.next();
      await waiting.next();
      const [aborted, closed] = [waiting.next(), read.next()];
      stopping.abort();
      expect(await aborted).to.deep.include({ done: true });
      await log.close();
      expect(await closed).to.deep.include({ done: true });
      expect(clock.countTimers()).to.equal(0);
      database.close();
    } finally {
      clock.restore();
    }
  });

  it('that are appended in one turn share a transaction, a hundred at most', async () => {
    const transactions: number[] = [];
    const path = newPath();
    const database = openDatabase(path);
    const watched: SqliteDatabase = {
      exec: (sql) => {
        if (sql === 'BEGIN IMMEDIATE') transactions.push(0);
        return database.exec(sql);
      },
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          all: (...values) => {
            if (sql.includes('INSERT INTO "revocations" ')) transactions.push((transactions.pop() ?? 0) + 1);
            return statement.all(...values);
          },
        };
      },
    };
    const log = new SqliteRevocationLog({ database: watched });
    await log.migrate();
    await Promise.all(Array.from({ length: 150 }, (_, at) => log.append(revocation(String(at)))));
    expect(transactions).to.deep.equal([0, 100, 50]);
    expect(lineagesOf(await storedIn(log))).to.deep.equal(Array.from({ length: 150 }, (_, at) => String(at)));
    database.close();
  });

  it('of another process arrive within pollInterval, and not at once', async () => {
    const { path, log, database } = await openLog(undefined, { pollInterval: 5_000 });
    const other = await openLog(path);
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const read = reading(log);
      await read.next();
      let isThere = false;
      const arrives = found(read, 'a').then(() => {
        isThere = true;
      });
      await other.log.append(revocation('a'));
      await clock.tickAsync(4_499);
      expect(isThere).to.equal(false);
      await clock.tickAsync(1);
      await arrives;
      database.close();
    } finally {
      clock.restore();
      other.database.close();
    }
  });
});

describe('SqliteRevocationLog while its database is busy', () => {
  it('appends when the other one is done, in the order of the calls, and can be read meanwhile', async () => {
    const { path, log, database } = await openLog();
    await log.append(revocation('a'));
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    const appending = ['b', 'c', 'd'].map((lineage) => log.append(revocation(lineage)));
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['a']);
    other.exec('COMMIT');
    await Promise.all(appending);
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['a', 'b', 'c', 'd']);
    other.close();
    database.close();
  });

  it('rejects with StoreUnavailable at the deadline, has stored nothing, and works on afterwards', async () => {
    const { path, log, database } = await openLog(undefined, { deadline: 50 });
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    for (const work of [
      () => log.append(revocation('a')),
      () => log.readers.seen('reader', null, HOUR),
      () => log.readers.left('reader'),
    ]) {
      const error = await errorOf(work);
      expect(error).to.be.instanceOf(StoreUnavailable).and.have.property('message', 'SQLite was busy for 50 ms');
    }
    other.exec('COMMIT');
    const position = await log.append(revocation('b'));
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['b']);
    expect(await log.readers.behind(position)).to.equal(0);
    other.close();
    database.close();
  });

  it('does not reject an append for the time that an earlier one has waited', async () => {
    const { path, log, database } = await openLog(undefined, { deadline: 300 });
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    let late: Promise<string> | undefined;
    const early = log.append(revocation('early'));
    const timer = setTimeout(() => {
      late = log.append(revocation('late'));
    }, 250);
    expect(await errorOf(() => early)).to.be.instanceOf(StoreUnavailable);
    other.exec('COMMIT');
    await late;
    clearTimeout(timer);
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['late']);
    other.close();
    database.close();
  });

  it('ends a read at once when it is aborted or the log is closed, also while it waits for the application', async () => {
    const { log, database } = await openLog();
    database.exec('BEGIN');
    const stopping = new AbortController();
    const [aborted, closed] = [log.read(null, stopping.signal)[Symbol.asyncIterator]().next(), reading(log).next()];
    stopping.abort();
    expect(await aborted).to.deep.include({ done: true });
    await log.close();
    expect(await closed).to.deep.include({ done: true });
    database.exec('COMMIT');
    database.close();
  });

  it('rejects all that waits when SQLite fails, and goes on afterwards', async () => {
    const { log, database } = await openLog();
    database.exec('PRAGMA query_only = 1');
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((lineage) => log.append(revocation(lineage))));
    for (const outcome of outcomes) {
      expect(outcome).to.have.property('reason').that.is.instanceOf(StoreUnavailable);
    }
    database.exec('PRAGMA query_only = 0');
    await log.append(revocation('d'));
    expect(lineagesOf(await storedIn(log))).to.deep.equal(['d']);
    database.close();
  });
});
