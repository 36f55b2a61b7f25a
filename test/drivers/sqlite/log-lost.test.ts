import { renameSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { LogPositionLost, StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { found, lineagesOf, type OpenLog, openLog, reading, revocation, storedIn } from './log-support.js';

async function filled(count: number): Promise<OpenLog & { readonly positions: readonly string[] }> {
  const opened = await openLog();
  const positions: string[] = [];
  for (let at = 0; at < count; at += 1) positions.push(await opened.log.append(revocation(`old-${at}`)));
  return { ...opened, positions };
}

/** Appends more entries than there were: the numbers of the lost ones have passed. */
async function refill({ log }: OpenLog): Promise<void> {
  await Promise.all(Array.from({ length: 10 }, (_, at) => log.append(revocation(`new-${at}`))));
}

describe('SqliteRevocationLog that lost entries', () => {
  it('throws LogPositionLost when its table was emptied, also after new entries', async () => {
    const opened = await filled(3);
    const { log, database, positions } = opened;
    const read = reading(log);
    await found(read, 'old-2');
    database.exec('DELETE FROM revocations');
    expect(await errorOf(() => found(read, 'nothing'))).to.be.instanceOf(LogPositionLost);
    await refill(opened);
    for (const position of positions) {
      expect(await errorOf(() => storedIn(log, position))).to.be.instanceOf(LogPositionLost);
    }
    expect(await storedIn(log)).to.have.lengthOf(10);
    database.close();
  });

  it('throws LogPositionLost when one entry was removed before its time, and not when an entry was whose time has passed', async () => {
    const opened = await openLog();
    const { log, database } = opened;
    const first = await log.append(revocation('a', { until: Date.now() - 10 }));
    const read = reading(log, first);
    const second = await log.append(revocation('b', { until: null }));
    await found(read, 'b');
    database.exec('DELETE FROM revocations WHERE until IS NOT NULL');
    expect(lineagesOf(await storedIn(log, first))).to.deep.equal(['b']);
    await log.append(revocation('c'));
    await found(read, 'c');
    database.exec('DELETE FROM revocations WHERE until IS NULL');
    expect(await errorOf(() => found(read, 'nothing'))).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => storedIn(log, second))).to.be.instanceOf(LogPositionLost);
    database.close();
  });

  it('throws LogPositionLost when its tables were made anew, also after new entries', async () => {
    const opened = await filled(3);
    const { log, database, positions } = opened;
    for (const table of ['revocations', 'revocations_log', 'revocations_readers', 'revocations_schema']) {
      database.exec(`DROP TABLE ${table}`);
    }
    await log.migrate();
    for (const isRefilled of [false, true]) {
      if (isRefilled) await refill(opened);
      for (const position of positions) {
        expect(await errorOf(() => storedIn(log, position))).to.be.instanceOf(LogPositionLost);
        expect(await errorOf(() => log.readers.behind(position))).to.be.instanceOf(LogPositionLost);
      }
    }
    database.close();
  });

  it('throws LogPositionLost for a position after its end: an older state of the file came back', async () => {
    const { log, database } = await filled(3);
    const [old] = database.prepare('SELECT id FROM revocations_log').all();
    const position = await log.append(revocation('late'));
    const read = reading(log);
    await found(read, 'late');
    database.exec(`
      DELETE FROM revocations WHERE seq = 4;
      UPDATE sqlite_sequence SET seq = 3 WHERE name = 'revocations';
      UPDATE revocations_log SET id = '${Object(old).id}'`);
    expect(await errorOf(() => found(read, 'nothing'))).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => storedIn(log, position))).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => log.readers.behind(position))).to.be.instanceOf(LogPositionLost);
    database.close();
  });

  it('throws LogPositionLost when an older state came back and other entries have passed the numbers of the lost ones', async () => {
    const opened = await filled(3);
    const { log, database } = opened;
    const [old] = database.prepare('SELECT id FROM revocations_log').all();
    const position = await log.append(revocation('late'));
    const read = reading(log);
    await found(read, 'late');
    database.exec(`
      BEGIN;
      DELETE FROM revocations WHERE seq = 4;
      UPDATE sqlite_sequence SET seq = 3 WHERE name = 'revocations';
      UPDATE revocations_log SET id = '${Object(old).id}';
      INSERT INTO revocations (entry) VALUES ('{}');
      COMMIT`);
    expect(await errorOf(() => found(read, 'nothing'))).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => storedIn(log, position))).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => log.readers.behind(position))).to.be.instanceOf(LogPositionLost);
    database.close();
  });

  it('counts a reader of the lost log as one that has read nothing', async () => {
    const { log, database, positions } = await filled(3);
    const [last = ''] = positions.slice(-1);
    await log.readers.seen('reader', last, 3_600_000);
    expect(await log.readers.behind(last)).to.equal(0);
    database.exec('DELETE FROM revocations WHERE seq = 1');
    const [{ seq = '' } = {}] = await storedIn(log);
    expect(await log.readers.behind(seq)).to.equal(1);
    database.close();
  });
});

describe('SqliteRevocationLog whose file is no longer there', () => {
  for (const [what, replace] of [
    ['replaced', (path: string, other: string) => renameSync(other, path)],
    ['removed', (path: string) => rmSync(path)],
  ] as const) {
    it(`rejects everything with StoreUnavailable when the file was ${what}, until it is opened again`, async () => {
      const { path, log, database, positions } = await filled(3);
      const other = await openLog();
      await other.log.append(revocation('other'));
      other.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      other.database.close();
      const read = reading(log);
      await found(read, 'old-2');
      // SQLite would apply the old write-ahead log to the new file.
      for (const end of ['-wal', '-shm']) rmSync(path + end);
      replace(path, other.path);
      for (const work of [
        () => found(read, 'nothing'),
        () => storedIn(log),
        () => log.append(revocation('lost')),
        () => log.readers.seen('reader', null, 1_000),
        () => log.readers.left('reader'),
        () => log.readers.behind(positions[0] ?? ''),
      ]) {
        const error = await errorOf(work);
        expect(error).to.be.instanceOf(StoreUnavailable).and.not.instanceOf(LogPositionLost);
        expect(error).to.have.property('message').that.includes('the SQLite file was removed or replaced');
      }
      database.close();
      const again = await openLog(path);
      expect(lineagesOf(await storedIn(again.log))).to.deep.equal(what === 'replaced' ? ['other'] : []);
      expect(await errorOf(() => storedIn(again.log, positions[0]))).to.be.instanceOf(LogPositionLost);
      again.database.close();
    });
  }
});
