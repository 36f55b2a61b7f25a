import { expect } from 'chai';
import { aRevocation, LogEar } from '../../support/log-ear.js';
import { guardRejections } from '../../support/rejections.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { Logs } from './revocation-log-support.js';
import { BOTH_KINDS } from './support.js';

/** ms for which a read waits for an entry before it asks again. */
const WAIT = 2_000;

describe('RedisRevocationLog, while it waits for entries,', () => {
  let logs: Logs;
  guardRejections();

  beforeEach(() => {
    logs = new Logs();
  });

  afterEach(async () => {
    await logs.close();
  });

  for (const make of BOTH_KINDS) {
    it(`reads what others append at once, and not when its wait is over (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const [log, other] = [await logs.open(make, port), await logs.open(make, port)];
      const ear = await new LogEar(log).caughtUp();
      const start = performance.now();
      // Without a signal, each takes the whole wait.
      for (let count = 0; count < 5; count += 1) {
        const seq = await other.append(aRevocation());
        await ear.until(({ seqs, isOver }) => seqs.includes(seq) || isOver);
      }
      expect(ear.failure).to.equal(undefined);
      expect(performance.now() - start).to.be.below(WAIT);
      ear.stop();
    });

    it(`does not wait for what was appended before it waits (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const [log, other] = [await logs.open(make, port), await logs.open(make, port)];
      const read = log.read(null, new AbortController().signal);
      expect((await read.next()).value).to.deep.equal([]);
      const start = performance.now();
      for (let count = 0; count < 5; count += 1) {
        // The read has its page, and begins to wait with the next call.
        const seq = await other.append(aRevocation());
        const { value = [] } = await read.next();
        expect(value.map((entry) => entry.seq)).to.deep.equal([seq]);
      }
      expect(performance.now() - start).to.be.below(WAIT);
      await read.return();
    });

    it(`waits again when it has read (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const [log, admin] = [await logs.open(make, port), logs.admin(port)];
      const ear = await new LogEar(log).caughtUp();
      const seq = await log.append(aRevocation());
      await ear.until(({ seqs, isOver }) => seqs.includes(seq) || isOver);
      const { beats } = ear;
      const start = performance.now();
      while (performance.now() - start < WAIT / 4) await admin.ping();
      expect(ear.failure).to.equal(undefined);
      expect(ear.beats - beats).to.be.at.most(1);
      ear.stop();
    });
  }
});
