import { expect } from 'chai';
import type { Redis } from 'ioredis';
import type { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { LogPositionLost } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, type RedisServer, sharedRedis } from '../../support/servers/redis.js';
import { Logs, logIn } from './revocation-log-support.js';
import { BOTH_KINDS, IOREDIS_6, NODE_REDIS_6 } from './support.js';

/** Reads on when a reader does, as it must after LogPositionLost. */
async function assertStartsAgain(log: RedisRevocationLog, seqs: readonly string[]): Promise<void> {
  expect(await storedSeqs(log)).to.deep.equal(seqs);
}

/** Waits until a replica has all that the primary has. WAIT goes by the last write of its own connection. */
async function replicated(primary: Redis): Promise<void> {
  await primary.incr('writes');
  while ((await primary.wait(1, 1_000)) === 0);
}

describe('RedisRevocationLog notices that entries were lost', () => {
  let port = 0;
  let logs: Logs;
  let admin: Redis;
  guardRejections();

  before(async function () {
    ({ port } = await sharedRedis(this));
  });

  beforeEach(() => {
    logs = new Logs();
    admin = logs.admin(port);
  });

  afterEach(async () => {
    await logs.close();
  });

  const KEYS = ['state', 'entries', 'bell'];

  /** Everything as it is now, to be restored later: as a replica that did not receive what came after. */
  const copy = async (): Promise<() => Promise<void>> => {
    const keys = KEYS.map((name) => logs.key(name));
    const dumps = await Promise.all(keys.map((key) => admin.dumpBuffer(key)));
    return async () => {
      for (const [at, key] of keys.entries()) {
        const dump = dumps[at];
        if (dump) await admin.restore(key, 0, dump, 'REPLACE');
      }
    };
  };

  for (const make of BOTH_KINDS) {
    it(`when everything is gone, also while a read waits (${make.name})`, async () => {
      const log = await logs.open(make, port);
      const seq = await log.append(aRevocation());
      const ear = await new LogEar(log, seq).caughtUp();
      await admin.unlink(...KEYS.map((name) => logs.key(name)));
      expect(await ear.error()).to.be.instanceOf(LogPositionLost);
      expect(await errorOf(() => storedSeqs(log, seq))).to.be.instanceOf(LogPositionLost);
      await assertStartsAgain(log, []);
      await assertStartsAgain(log, [await log.append(aRevocation())]);
    });
  }

  for (const name of ['state', 'entries']) {
    it(`when only one key is gone: ${name}`, async () => {
      const log = await logs.open(IOREDIS_6, port);
      const seqs = [await log.append(aRevocation()), await log.append(aRevocation())];
      const ear = await new LogEar(log, seqs[1]).caughtUp();
      await admin.unlink(logs.key(name));
      expect(await errorOf(() => storedSeqs(log, seqs[0]))).to.be.instanceOf(LogPositionLost);
      expect(await ear.error()).to.be.instanceOf(LogPositionLost);
      // With another name, so that every process notices.
      const stored = await storedSeqs(await logs.open(NODE_REDIS_6, port));
      expect(stored.map(logIn)).not.to.include(logIn(String(seqs[0])));
      expect(stored).to.have.lengthOf(name === 'state' ? 2 : 0);
      expect(await admin.hget(logs.key('state'), 'log')).not.to.equal(logIn(String(seqs[0])));
    });
  }

  it('and goes on when the key of the bell is gone', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const seq = await log.append(aRevocation());
    const ear = await new LogEar(log, seq).caughtUp();
    await admin.unlink(logs.key('bell'));
    const next = await log.append(aRevocation());
    await ear.until(({ seqs, isOver }) => seqs.includes(next) || isOver);
    expect(ear.seqs).to.deep.equal([next]);
  });

  it('when the last ones are gone', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const first = await log.append(aRevocation());
    const restore = await copy();
    const second = await log.append(aRevocation());
    const ear = await new LogEar(log, second).caughtUp();
    await restore();
    expect(await ear.error()).to.be.instanceOf(LogPositionLost);
    await assertStartsAgain(log, [first]);
  });

  it('when others have taken their place', async () => {
    const [log, other] = [await logs.open(IOREDIS_6, port), await logs.open(NODE_REDIS_6, port)];
    const first = await log.append(aRevocation());
    const restore = await copy();
    const second = await log.append(aRevocation());
    await restore();
    const third = await other.append(aRevocation());
    expect(await errorOf(async () => storedSeqs(await logs.open(IOREDIS_6, port), second))).to.be.instanceOf(
      LogPositionLost,
    );
    await assertStartsAgain(log, [first, third]);
  });

  it('when a read is behind what its own process appended', async () => {
    const [log, other] = [await logs.open(IOREDIS_6, port), await logs.open(NODE_REDIS_6, port)];
    const first = await log.append(aRevocation());
    const restore = await copy();
    const reading = log.read(first, new AbortController().signal);
    expect(await reading.next()).to.deep.include({ value: [] });
    await log.append(aRevocation());
    await restore();
    await other.append(aRevocation());
    expect(await errorOf(() => reading.next())).to.be.instanceOf(LogPositionLost);
  });

  it('when a process appends that knew them, for all processes', async () => {
    const [log, other] = [await logs.open(IOREDIS_6, port), await logs.open(NODE_REDIS_6, port)];
    const first = await log.append(aRevocation());
    const restore = await copy();
    const ear = await new LogEar(other, first).caughtUp();
    await log.append(aRevocation());
    await ear.until(({ entries }) => entries.length === 1);
    ear.stop();
    await restore();
    const reader = await logs.open(NODE_REDIS_6, port);
    const otherEar = await new LogEar(reader, first).caughtUp();
    const third = await log.append(aRevocation());
    expect(await otherEar.error()).to.be.instanceOf(LogPositionLost);
    const stored = await storedSeqs(reader);
    expect(stored).to.have.lengthOf(2);
    expect(stored).to.include(third);
  });

  it('for every open read, after one of them has noticed', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const first = await log.append(aRevocation());
    const restore = await copy();
    const second = await log.append(aRevocation());
    const [one, two] = [0, 1].map(() => log.read(second, new AbortController().signal));
    for (const reading of [one, two]) expect(await reading?.next()).to.deep.include({ value: [] });
    await restore();
    expect(await errorOf(() => Promise.resolve(one?.next()))).to.be.instanceOf(LogPositionLost);
    // What the process appends from now on is there, but not what the second read has read.
    await log.append(aRevocation());
    expect(await errorOf(() => Promise.resolve(two?.next()))).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(log)).to.include(first);
  });

  it('when it is asked which readers have seen a position', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const seq = await log.append(aRevocation());
    await log.readers.seen('one', seq, 60_000);
    await admin.unlink(...KEYS.map((name) => logs.key(name)));
    expect(await errorOf(() => log.readers.behind(seq))).to.be.instanceOf(LogPositionLost);
  });

  it('and counts a reader of the lost log as one that has read nothing, although its position seems to be later', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const seq = await log.append(aRevocation());
    await log.readers.seen('one', seq.replace(/:.*$/, ':999999999999999-0000000000000000'), 60_000);
    expect(await log.readers.behind(seq)).to.equal(0);
    await log.readers.seen('one', 'lost:999999999999999-0000000000000000', 60_000);
    expect(await log.readers.behind(seq)).to.equal(1);
  });
});

describe('RedisRevocationLog, in a failover,', () => {
  let servers: readonly RedisServer[] = [];
  const logs = new Logs();
  guardRejections();

  before(async function () {
    servers = [await ownRedis(this), await ownRedis(this)];
  });

  after(async () => {
    await logs.close();
    await Promise.all(servers.map((server) => server.process.stop('SIGKILL')));
  });

  it('notices what the new primary has not received, and goes on where nothing is missing', async () => {
    const [old = 0, next = 0] = servers.map(({ port }) => port);
    const [primary, replica] = [logs.admin(old), logs.admin(next)];
    const log = await logs.open(IOREDIS_6, old);
    const first = await log.append(aRevocation());
    await replica.replicaof('127.0.0.1', old);
    await replicated(primary);
    // One that reads from the replica, by mistake.
    expect(await errorOf(async () => storedSeqs(await logs.open(NODE_REDIS_6, next)))).to.match(/READONLY/);
    const second = await log.append(aRevocation());
    await replicated(primary);
    await replica.replicaof('NO', 'ONE');
    const lost = await log.append(aRevocation());

    const promoted = await logs.open(NODE_REDIS_6, next);
    expect(await storedSeqs(promoted, first)).to.deep.equal([second]);
    expect(await errorOf(() => storedSeqs(promoted, lost))).to.be.instanceOf(LogPositionLost);
    const third = await promoted.append(aRevocation());
    expect(await errorOf(() => storedSeqs(promoted, lost))).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(promoted)).to.deep.equal([first, second, third]);
  });
});
