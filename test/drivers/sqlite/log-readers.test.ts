import { expect } from 'chai';
import sinon from 'sinon';
import { openLog } from './log-support.js';

const LIFE = 30_000;

describe('SqliteRevocationLog, its readers', () => {
  it('are counted for as long as they live, and no row is left of those that died', async () => {
    const { log, database } = await openLog();
    const position = await log.append({ at: 0, until: null, reason: '', match: { lineage: 'a' } });
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
    try {
      for (const name of ['one', 'other']) await log.readers.seen(name, null, LIFE);
      clock.tick(LIFE - 1);
      expect(await log.readers.behind(position)).to.equal(2);
      clock.tick(1);
      expect(await log.readers.behind(position)).to.equal(0);
      await log.readers.seen('new', null, LIFE);
      const rows = database.prepare('SELECT reader FROM revocations_readers').all();
      expect(rows.map((row) => Object(row).reader)).to.deep.equal(['new']);
    } finally {
      clock.restore();
    }
    database.close();
  });
});
