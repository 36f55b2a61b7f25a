import { rmSync } from 'node:fs';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { wireOf } from '../../../src/drivers/redis/wire.js';
import { StoreUnavailable } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { ownRedis, sharedRedis } from '../../support/servers/redis.js';
import { SilentProxy } from '../../support/servers/silent-proxy.js';
import { Logs } from './revocation-log-support.js';
import { ALL_MAKES, BOTH_KINDS, IOREDIS_6, newName } from './support.js';

/** ms: the longest wait for an entry, and some time for a machine that is busy. */
const WAIT = 2_000;
const SLACK = 1_500;

describe('RedisRevocationLog, when Redis is away,', () => {
  let logs: Logs;
  guardRejections();

  beforeEach(() => {
    logs = new Logs();
  });

  afterEach(async () => {
    await logs.close();
  });

  for (const make of BOTH_KINDS) {
    it(`fails its reads in a restart, and loses nothing that was acknowledged (${make.name})`, async function () {
      const server = await ownRedis(this, { isDurable: true });
      const [reading, writing] = [await logs.open(make, server.port), await logs.open(make, server.port)];
      const first = await writing.append(aRevocation());
      const ear = await new LogEar(reading, first).caughtUp();
      const acknowledged: string[] = [];
      let isBack = false;
      let isDone = false;
      const write = async (): Promise<void> => {
        while (!isDone) {
          await writing.append(aRevocation()).then(
            (seq) => {
              acknowledged.push(seq);
              isDone = isBack;
            },
            (error: unknown) => expect(error).to.be.instanceOf(StoreUnavailable),
          );
        }
      };
      const written = write();
      await ear.until(({ entries }) => entries.length >= 50);
      await server.process.stop('SIGKILL');
      expect(await ear.error())
        .to.be.instanceOf(StoreUnavailable)
        .with.property('code', 'ERR_SESSION_STORE_UNAVAILABLE');
      await server.process.start();
      isBack = true;
      await written;
      const after = await storedSeqs(reading, ear.seqs.at(-1));
      expect([...ear.seqs, ...after]).to.include.members(acknowledged);
      await server.process.stop('SIGKILL');
    });
  }

  for (const make of ALL_MAKES) {
    it(`fails a read whose connection fell silent, within its deadline (${make.name})`, async function () {
      const { port } = await sharedRedis(this);
      const proxy = await SilentProxy.before(port);
      const log = await logs.open(make, proxy.port, { deadline: 300 });
      const seq = await (await logs.open(make, port)).append(aRevocation());
      const ear = await new LogEar(log, seq).caughtUp();
      const start = performance.now();
      proxy.silence();
      expect(await ear.error()).to.be.instanceOf(StoreUnavailable);
      expect(performance.now() - start).to.be.below(WAIT + 300 + SLACK);
      expect(await storedSeqs(log, null)).to.deep.equal([seq]);
      proxy.close();
    });

    it(`fails within its deadline when Redis hangs (${make.name})`, async function () {
      const server = await ownRedis(this);
      const log = await logs.open(make, server.port, { deadline: 200 });
      const seq = await log.append(aRevocation());
      server.process.signal('SIGSTOP');
      for (const operate of [
        () => log.append(aRevocation()),
        () => storedSeqs(log, null),
        () => log.readers.seen('reader', seq, 1_000),
        () => log.readers.left('reader'),
        () => log.readers.behind(seq),
      ]) {
        const error = await errorOf(operate);
        expect(error).to.be.instanceOf(StoreUnavailable);
        expect(`${error.message} ${error.cause}`).not.to.include(seq);
      }
      server.process.signal('SIGCONT');
      await server.process.stop('SIGKILL');
    });

    it(`leaves no connection behind, and the application's client free (${make.name})`, async function () {
      const server = await ownRedis(this);
      const admin = logs.admin(server.port);
      const opened = await make.open(server.port);
      const log = new RedisRevocationLog({ client: opened.client });
      const seq = await log.append(aRevocation());
      const count = async (): Promise<number> =>
        String(await admin.client('LIST'))
          .trim()
          .split('\n').length;
      const before = await count();
      const [stopped, closed] = [new LogEar(log, seq), new LogEar(log, null)];
      await Promise.all([stopped.caughtUp(), closed.caughtUp()]);
      for await (const _ of log.read(null, new AbortController().signal)) break;
      const blocked = /cmd=xread/;
      while (!blocked.test(String(await admin.client('LIST'))));

      // Both reads wait; no command of the client waits behind them.
      const start = performance.now();
      await wireOf(opened.client).get('key');
      await log.append(aRevocation());
      expect(performance.now() - start).to.be.below(WAIT - SLACK);

      stopped.stop();
      expect(await stopped.error()).to.equal(undefined);
      await log.close();
      expect(await closed.error()).to.equal(undefined);
      while ((await count()) > before);
      opened.close();
      await server.process.stop('SIGKILL');
    });
  }
});

describe('RedisRevocationLog, when its node was demoted,', () => {
  let logs: Logs;
  let admin: Redis;
  let port = 0;
  let stop: () => Promise<void>;
  guardRejections();

  before(async function () {
    const server = await ownRedis(this);
    port = server.port;
    stop = () => server.process.stop('SIGKILL');
  });

  beforeEach(() => {
    logs = new Logs();
    admin = logs.admin(port);
  });

  afterEach(async () => {
    await admin.replicaof('NO', 'ONE');
    await logs.close();
  });

  after(() => stop());

  for (const make of BOTH_KINDS) {
    it(`reads and appends nothing there (${make.name})`, async () => {
      const log = await logs.open(make, port);
      const seq = await log.append(aRevocation());
      const ear = await new LogEar(log, seq).caughtUp();
      await admin.replicaof('127.0.0.1', 1);
      expect(await ear.error()).to.be.instanceOf(StoreUnavailable);
      for (const operate of [
        () => storedSeqs(log, null),
        () => storedSeqs(log, seq),
        () => log.append(aRevocation()),
        () => log.readers.behind(seq),
        () => log.readers.seen('reader', seq, 1_000),
      ]) {
        expect(await errorOf(operate)).to.be.instanceOf(StoreUnavailable);
      }
      await admin.replicaof('NO', 'ONE');
      expect(await storedSeqs(log, null)).to.deep.equal([seq]);
    });
  }

  it('and reads nothing where too few replicas are left: another primary may have taken over', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const seq = await log.append(aRevocation());
    await admin.config('SET', 'min-replicas-to-write', '5');
    try {
      expect(await errorOf(() => storedSeqs(log, seq))).to.match(/NOREPLICAS/);
    } finally {
      await admin.config('SET', 'min-replicas-to-write', '0');
    }
    expect(await storedSeqs(log, seq)).to.deep.equal([]);
  });

  it('but reads on while the disk of the primary fails', async () => {
    const log = await logs.open(IOREDIS_6, port);
    const seq = await log.append(aRevocation());
    const [, folder = ''] = Object.values(await admin.config('GET', 'dir'))
      .flat()
      .map(String);
    rmSync(folder, { recursive: true });
    await admin.config('SET', 'save', '3600 1000000');
    await admin.bgsave();
    while (!/rdb_last_bgsave_status:err/.test(await admin.info('persistence')));
    expect(await errorOf(() => log.append(aRevocation()))).to.match(/MISCONF/);
    expect(await storedSeqs(log, null)).to.deep.equal([seq]);
    await admin.config('SET', 'save', '');
  });

  it('asks with a write that changes nothing', async () => {
    const log = new RedisRevocationLog({ client: admin, prefix: `${newName()}:` });
    const seq = await log.append(aRevocation());
    const changes = async (): Promise<string | undefined> => {
      return /rdb_changes_since_last_save:(\d+)/.exec(String(await admin.info('persistence')))?.[1];
    };
    const before = await changes();
    const ear = await new LogEar(log, seq).caughtUp();
    await ear.until(({ beats }) => beats === 2);
    expect(await changes()).to.equal(before);
    await log.close();
  });
});
