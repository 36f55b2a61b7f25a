import { expect } from 'chai';
import type { RevocationLog } from '../../../src/index.js';
import { LogWriter } from '../../../src/storage/revocation/log-writer.js';
import { fakeTime } from '../../support/fake-time.js';

const HOUR = 3_600_000;
const ENTRY = { at: 0, until: null, reason: 'revoked', match: { lineage: 'a' } } as const;

describe('LogWriter over a log that is slower than the deadline', () => {
  for (const [ms, most] of [
    [2050, 1],
    [2500, 2],
    [30_000, 10],
  ] as const) {
    it(`is content with an acknowledgement after ${ms} ms, and leaves no timer`, async () => {
      const time = fakeTime(1_700_000_000_000);
      let appends = 0;
      const log: RevocationLog = {
        guarantee: 'log',
        append: () => {
          appends += 1;
          return new Promise((resolve) => setTimeout(() => resolve('1'), ms));
        },
        read: async function* () {
          yield [];
        },
        close: () => Promise.resolve(),
      };
      const writer = new LogWriter(log, 2000);
      const outcome = writer.append(ENTRY).then(
        () => 'acknowledged',
        () => 'too late',
      );
      await time.pass(HOUR);
      const timers = time.timers;
      writer.close();
      time.restore();
      expect(await outcome).to.equal('too late');
      expect(appends).to.be.within(1, most);
      expect(timers).to.equal(0);
    });
  }
});
